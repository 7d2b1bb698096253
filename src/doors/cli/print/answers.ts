import { plain } from '../../../base/text.ts'
import { agentPrinters } from './agents.ts'
import { approvalPrinters } from './approvals.ts'
import { auditPrinters } from './audit.ts'
import { deckPrinters } from './deck.ts'
import { budgetPrinters } from './budget.ts'
import { packPrinters } from './packs.ts'
import { playbookPrinters } from './playbooks.ts'
import { policyPrinters } from './policies.ts'
import type { Page, Printers } from './page.ts'
import { rulePrinters } from './rules.ts'
import { ruleFilePrinters } from './rule-files.ts'
import { trialPrinters } from './trials.ts'

const printers: Printers = {
  ...agentPrinters,
  ...approvalPrinters,
  ...policyPrinters,
  ...packPrinters,
  ...budgetPrinters,
  ...auditPrinters,
  ...rulePrinters,
  ...playbookPrinters,
  ...deckPrinters,
  ...trialPrinters,
  ...ruleFilePrinters,
}

/** The answer of a row for people. A row without a printer of its own gets its answer as indented JSON. */
export function printed(id: string, answer: unknown, page: Page): string {
  const printer = printers[id]
  return printer === undefined ? `${plainJson(answer)}\n` : printer(answer as never, page)
}

function plainJson(answer: unknown): string {
  return JSON.stringify(answer ?? null, undefined, 2)
    .split('\n')
    .map((line) => plain(line, 65_536))
    .join('\n')
}
