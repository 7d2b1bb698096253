import { nounsOf } from '../journal/noun.ts'
import { agentNoun } from './agents/noun.ts'
import { approvalNoun, precedentNoun } from './approvals/noun.ts'
import { leaseNoun } from './leases/noun.ts'
import { policyNoun, policyUseNoun } from './policy/noun.ts'
import { budgetNoun, playbookNoun, ruleNoun, ruleUseNoun } from './rules/noun.ts'
import { shellNoun } from './shells/noun.ts'

/** Every noun of the deck, in the order of the rooms: an event is folded in this order. */
export const nouns = nounsOf([
  agentNoun,
  shellNoun,
  leaseNoun,
  policyNoun,
  policyUseNoun,
  ruleNoun,
  ruleUseNoun,
  playbookNoun,
  budgetNoun,
  approvalNoun,
  precedentNoun,
])
