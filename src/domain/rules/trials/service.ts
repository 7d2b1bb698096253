import type { Simulator } from './simulate.ts'
import { whyService, type WhyParts } from '../why/why.ts'
import type { RuleTrialService } from './types.ts'

/** Shows what changes of policy would do, and why answers are as they are. */
export function ruleTrialService(simulator: Simulator, parts: WhyParts): RuleTrialService {
  return { simulate: simulator.simulate, why: whyService(parts) }
}
