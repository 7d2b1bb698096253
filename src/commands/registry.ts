import { agentRows } from './agents.ts'
import { approvalRows } from './approvals.ts'
import { auditRows } from './audit.ts'
import type { Row } from './command.ts'
import { deckRows } from './deck-rows.ts'
import { budgetRows } from './budget.ts'
import { packRows } from './packs.ts'
import { playbookRows } from './playbooks.ts'
import { policyRows } from './policies.ts'
import { ruleFileRows } from './rule-files.ts'
import { ruleRows } from './rules.ts'
import { screenRows } from './screen-rows.ts'
import { trialRows } from './trials.ts'

/** Every act and every question of the deck: keys, hints, palette, help, command line, HTTP and README are printed from it. */
export const registry: readonly Row[] = [
  ...agentRows,
  ...approvalRows,
  ...policyRows,
  ...packRows,
  ...budgetRows,
  ...ruleRows,
  ...ruleFileRows,
  ...playbookRows,
  ...trialRows,
  ...auditRows,
  ...deckRows,
  ...screenRows,
]

const byId = new Map(registry.map((row) => [row.id, row]))

export function findRow(id: string): Row | undefined {
  return byId.get(id)
}
