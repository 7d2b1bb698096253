import { sha256 } from '../../base/canonical.ts'
import type { Action } from '../policy/types.ts'

/** "Like this": 16 hex digits that agent, type and target have in common. */
export function fingerprint(agent: string, action: Pick<Action, 'type' | 'target'>): string {
  return sha256(JSON.stringify([agent, action.type, action.target])).slice(0, 16)
}
