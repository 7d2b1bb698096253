import { foldAgents } from '../domain/agents/fold.ts'
import { foldApprovals } from '../domain/approvals/fold.ts'
import { foldPolicyUse } from '../domain/policy/fold.ts'
import { foldRules } from '../domain/rules/fold.ts'
import { foldSessions } from '../domain/shells/fold.ts'
import type { Fold } from '../journal/rows.ts'

/** Every noun's fold, in the order of the rooms. */
export const foldAll: Fold = (event, rows) => {
  foldAgents(event, rows)
  foldPolicyUse(event, rows)
  foldRules(event, rows)
  foldApprovals(event, rows)
  foldSessions(event, rows)
}
