import type { Approval } from '../types.ts'

/** How long it still waits, in milliseconds. While it is held that does not become less. */
export function timeLeft(a: Pick<Approval, 'expiresAt' | 'heldSince'>, now: number): number {
  return a.expiresAt - (a.heldSince ?? now)
}
