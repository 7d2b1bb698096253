import type { AnswerKind } from '../../../commands/answers.ts'
import type { Face } from '../../../commands/face.ts'
import { agentPrinters } from './agents.ts'
import { approvalPrinters } from './approvals.ts'
import { auditPrinters } from './audit.ts'
import { deckPrinters } from './deck.ts'
import { budgetPrinters } from './budget.ts'
import { ledgerPrinters } from './ledger.ts'
import { packPrinters } from './packs.ts'
import { playbookPrinters } from './playbooks.ts'
import { policyPrinters } from './policies.ts'
import { safeLines, tableText, type Page, type Printers } from './page.ts'
import { rulePrinters } from './rules.ts'
import { ruleFilePrinters } from './rule-files.ts'
import { trialPrinters } from './trials.ts'
import { webhookPrinters } from './webhooks.ts'

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
  ...webhookPrinters,
  ...ledgerPrinters,
}

/** The answer of an act for people: its sentence, its table, by its kind, or indented JSON. */
export function printAnswer(
  { said, table, answer: kind }: Face,
  answer: unknown,
  page: Page,
): string {
  if (said !== undefined) return `${said(answer as never)}\n`
  if (table !== undefined) return tableText(table, answer as readonly unknown[], page)
  const printer = kind === undefined ? undefined : (printers as Partial<AnyPrinters>)[kind]
  if (printer !== undefined) return printer(answer as never, page)
  return `${safeLines(JSON.stringify(answer ?? null, undefined, 2), 65_536)}\n`
}

type AnyPrinters = Record<AnswerKind, (answer: never, page: Page) => string>
