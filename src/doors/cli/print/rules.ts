import { ago, count, plain, span } from '../../../base/text.ts'
import type {
  RuleMoment,
  RuleProposal,
  RuleRow,
  RuleStatus,
  Status,
} from '../../../domain/rules/types.ts'
import { becauseText, ruleText, ruleWhere, STATES, suspendedWhy } from '../../text/rules.ts'
import { facts, table } from '../terminal.ts'
import { type Page, type Printers } from './page.ts'
import {
  actorText,
  expiryCell,
  fittedTable,
  scopeCell,
  statusCell,
  statusChange,
  STATUS_TONES,
} from './rule-cells.ts'
import { ruleDetail } from './rule-page.ts'

function evidence({ decision, status, support, needed, by }: RuleRow): string {
  // A rule that a person made needs no evidence.
  return decision === '' || (status === 'confirmed' && support === 0 && by !== 'learner')
    ? '–'
    : `${Math.min(support, needed)}/${needed}`
}

function ruleTable(rules: readonly RuleRow[], { paint, now }: Page, none: string): string {
  const head = ['RULE', 'STATE', 'COUNT', 'USED', 'SCOPE', 'UNTIL', 'WHAT']
  const rows = rules.map((rule) => [
    rule.id,
    statusCell(rule.status),
    evidence(rule),
    `${rule.uses}×`,
    scopeCell(rule),
    expiryCell(rule, now),
    ruleText(rule),
  ])
  return fittedTable(paint, head, rows, none)
}

function riskyRules(rules: readonly RuleRow[], { paint }: Page): string {
  const head = ['RULE', 'RISK', 'USED', 'SCOPE', 'WHAT']
  const rows = rules.map((rule) => [
    rule.id,
    { text: rule.riskLevel, tone: 'bad' as const },
    `${rule.uses}×`,
    scopeCell(rule),
    ruleText(rule),
  ])
  return fittedTable(paint, head, rows, 'No confirmed rule allows anything of high risk.')
}

function suspendedRules(rules: readonly RuleRow[], { paint, now }: Page): string {
  const head = ['RULE', 'SCOPE', 'SINCE', 'WHY', 'WHAT']
  const rows = rules.map((rule) => [
    rule.id,
    scopeCell(rule),
    ago(rule.changedAt, now),
    suspendedWhy(rule.suspensionReason),
    ruleText(rule),
  ])
  return fittedTable(paint, head, rows, 'No rule is suspended.')
}

function moments(all: readonly RuleMoment[], { paint, now }: Page, none: string): string {
  const head = ['WHEN', 'RULE', 'STATE', 'BY', 'WHY']
  const rows = all.map((moment) => [
    ago(moment.at, now),
    moment.rule,
    { text: statusChange(moment), tone: STATUS_TONES[moment.to] },
    actorText(moment.actor),
    becauseText(moment.because),
  ])
  return fittedTable(paint, head, rows, none)
}

/** How many of the latest changes `policy status` shows. */
const LATEST_CHANGES = 10

function status(all: RuleStatus, page: Page): string {
  const { paint } = page
  const { counts, promotions, suspensions, risky, scopes, conflicts } = all
  const perStatus = (Object.keys(STATES) as Status[]).map(
    (name) =>
      [STATES[name].word, { text: String(counts[name]), tone: STATUS_TONES[name] }] as const,
  )
  const head = facts(paint, [
    ...perStatus,
    ['recently', `${promotions.length} confirmed, ${suspensions.length} suspended`],
    [
      'risky',
      risky.length === 0
        ? '0'
        : { text: `${risky.length}. See: clawdeck policy risky`, tone: 'bad' },
    ],
    ['limited', `${count(scopes.length, 'rule')} for an agent or a kind of work`],
  ])
  const conflicting =
    conflicts.length === 0
      ? ''
      : `\n${paint('bad', 'These contradict a confirmed rule')}\n${ruleTable(conflicts, page, '')}`
  const changes = [...promotions, ...suspensions].toSorted((a, b) => b.seq - a.seq)
  const latest =
    changes.length === 0 ? '' : `\n${moments(changes.slice(0, LATEST_CHANGES), page, '')}`
  return `${head}${conflicting}${latest}`
}

/** A rule after a change, in one line. */
function ruleLine(rule: RuleRow, { paint, now }: Page): string {
  const { glyph, word } = STATES[rule.status]
  const remaining =
    rule.expiresAt === null || rule.status === 'archived'
      ? ''
      : `, for ${span(Math.max(0, rule.expiresAt - now))} more`
  const state = paint(STATUS_TONES[rule.status], `${glyph} ${word}`)
  return `${plain(rule.id, 80)}  ${state}  ${ruleText(rule)}, ${ruleWhere(rule)}${remaining}\n`
}

function proposals(all: readonly RuleProposal[], { paint }: Page): string {
  const head = ['WIDTH', 'ASKED', 'ALLOWED', 'DENIED', 'WHAT']
  const rows = all.map(({ width, past, says, trigger }) => [
    width,
    String(past.asked),
    String(past.allowed),
    past.denied === 0 ? '0' : { text: String(past.denied), tone: 'bad' as const },
    `${says}: ${trigger.join(', ')}`,
  ])
  const command = 'Create one: clawdeck policy propose <approval> --width <width>'
  return `${table(paint, head, rows, 'No rule can be made from it.')}${paint('dim', command)}\n`
}

export const rulePrinters = {
  rules: (rules: RuleRow[], page: Page) =>
    ruleTable(rules, page, 'Nothing was learned yet. Rules come from what you allow and deny.'),
  'rule-page': ruleDetail,
  'rule-status': status,
  'rule-moments': (all: RuleMoment[], page: Page) => moments(all, page, 'No rule has changed yet.'),
  'risky-rules': riskyRules,
  'suspended-rules': suspendedRules,
  'rule-proposals': proposals,
  rule: ruleLine,
  'changed-rules': (rules: readonly RuleRow[], page: Page) =>
    rules.map((rule) => ruleLine(rule, page)).join(''),
} satisfies Partial<Printers>
