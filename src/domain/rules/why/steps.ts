import type { EffectivePolicy } from '../trials/effective-policy.ts'
import type { Alternative } from './types.ts'

/** One change of policy that an operator could make. */
export interface PolicyStep extends Alternative {
  /** How much else it changes: smaller steps are shown first. */
  size: number
  apply: (policy: EffectivePolicy) => EffectivePolicy
}
