import type { Draft } from '../../../journal/types.ts'

/** What ends an offer by itself. */
export function over(type: 'pairing.expired' | 'pairing.locked', id: string): Draft {
  return { type, actor: 'supervisor', subject: '', body: { id } }
}
