import { plain } from '../../../base/text.ts'
import type { AnswerKind } from '../../../commands/answers.ts'
import type { Face } from '../../../commands/face.ts'
import { agentPrinters } from './agents.ts'
import { approvalPrinters } from './approvals.ts'
import { auditPrinters } from './audit.ts'
import { deckPrinters } from './deck.ts'
import { budgetPrinters } from './budget.ts'
import { packPrinters } from './packs.ts'
import { playbookPrinters } from './playbooks.ts'
import { policyPrinters } from './policies.ts'
import { tableText, type Page, type Printers } from './page.ts'
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

/** The answer of an act for people: in its sentence, by its kind, else as indented JSON. */
export function printed({ said, table, answer: kind }: Face, answer: unknown, page: Page): string {
  if (said !== undefined) return `${said(answer as never)}\n`
  if (table !== undefined) return tableText(table, answer as readonly unknown[], page)
  const printer = kind === undefined ? undefined : (printers as Partial<AnyPrinters>)[kind]
  return printer === undefined ? `${plainJson(answer)}\n` : printer(answer as never, page)
}

type AnyPrinters = Record<AnswerKind, (answer: never, page: Page) => string>

function plainJson(answer: unknown): string {
  return JSON.stringify(answer ?? null, undefined, 2)
    .split('\n')
    .map((line) => plain(line, 65_536))
    .join('\n')
}
