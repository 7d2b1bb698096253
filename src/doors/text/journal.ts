import type { Verification } from '../../journal/types.ts'

/** Whether the journal is intact, in words. */
export function verdictText({ ok, firstBad }: Pick<Verification, 'ok' | 'firstBad'>): string {
  if (ok) return '✓ intact'
  return firstBad === null ? '✗ broken' : `✗ broken at event ${firstBad}`
}
