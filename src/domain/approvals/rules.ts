import { sha256 } from '../../base/canonical.ts'
import type { Action } from '../policy/types.ts'

/** 16 hex digits that are equal for the same agent, type and target. */
export function fingerprint(agent: string, action: Pick<Action, 'type' | 'target'>): string {
  return sha256(JSON.stringify([agent, action.type, action.target])).slice(0, 16)
}
