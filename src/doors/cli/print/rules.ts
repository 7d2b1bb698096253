import { ago, count, plain, span } from '../../../base/text.ts'
import type {
  RuleDetail,
  RuleMoment,
  RuleOutcome,
  RuleProposal,
  RuleRow,
  RuleStatus,
  Status,
} from '../../../domain/rules/types.ts'
import {
  becauseText,
  missingText,
  ruleSentence,
  ruleText,
  ruleWhere,
  STATES,
  suspendedWhy,
  wordIn,
} from '../../text/rules.ts'
import { facts, table, type Cell, type Paint, type Tone } from '../terminal.ts'
import { timeOf } from './events.ts'
import { bullets, type Page, type Printers } from './page.ts'

const TONES: Record<Status, Tone> = {
  hint: 'dim',
  candidate: 'careful',
  confirmed: 'good',
  suspended: 'bad',
  archived: 'dim',
}

/** So wide a table of rules is at most, unless ids make it wider: what a rule says is cut, since `policy rule` tells it whole. */
const WIDE = 80
const FEWEST = 20

function state(status: Status): Cell {
  const { glyph, word } = STATES[status]
  return { text: `${glyph} ${word}`, tone: TONES[status] }
}

/** Where it holds, as short as can be: an agent, a kind of work, or all. */
function where({ scope, scopeKey }: Pick<RuleRow, 'scope' | 'scopeKey'>): string {
  if (scope === 'global' || scopeKey === '') return 'all'
  // A hint holds for a repository: its folder's own name says which, and `policy rule` tells it whole.
  return scope === 'project'
    ? (scopeKey.split('/').findLast((part) => part !== '') ?? scopeKey)
    : `${scopeKey} work`
}

function until({ expiresAt, status }: RuleRow, now: number): string {
  if (status === 'archived') return ''
  if (expiresAt === null) return 'no end'
  return expiresAt <= now ? 'over' : span(expiresAt - now)
}

/** Rows of text cut so that the last column ends at the width. */
function fitted(head: readonly string[], rows: readonly (readonly Cell[])[]): Cell[][] {
  const text = (cell: Cell | undefined): string =>
    plain(typeof cell === 'object' ? cell.text : (cell ?? ''), 200)
  const taken = head
    .slice(0, -1)
    .reduce(
      (sum, title, at) =>
        sum + 2 + Math.max(title.length, ...rows.map((row) => [...text(row[at])].length)),
      0,
    )
  const room = Math.max(FEWEST, WIDE - taken)
  return rows.map((row) => [...row.slice(0, -1), cut(text(row.at(-1)), room)])
}

function cut(text: string, room: number): string {
  const letters = [...text]
  return letters.length <= room ? text : `${letters.slice(0, room - 1).join('')}…`
}

/** What counts for it, of what it takes. Who has it on a person's word needs none. */
function supportText({ support, needed, setback }: RuleRow): string {
  return `${support} in a row, ${needed} confirm${setback === '' ? '' : `; last time ${setback}`}`
}

function evidence({ decision, status, support, needed, by }: RuleRow): string {
  return decision === '' || (status === 'confirmed' && support === 0 && by !== 'learner')
    ? '–'
    : `${Math.min(support, needed)}/${needed}`
}

function listed(rules: readonly RuleRow[], { paint, now }: Page, none: string): string {
  const head = ['RULE', 'STATE', 'FOR', 'USED', 'WHERE', 'UNTIL', 'WHAT']
  const rows = rules.map((rule) => [
    rule.id,
    state(rule.status),
    evidence(rule),
    `${rule.uses}×`,
    where(rule),
    until(rule, now),
    ruleText(rule),
  ])
  return table(paint, head, fitted(head, rows), none)
}

function risky(rules: readonly RuleRow[], { paint }: Page): string {
  const head = ['RULE', 'RISK', 'USED', 'WHERE', 'WHAT']
  const rows = rules.map((rule) => [
    rule.id,
    { text: rule.riskLevel, tone: 'bad' as const },
    `${rule.uses}×`,
    where(rule),
    ruleText(rule),
  ])
  return table(paint, head, fitted(head, rows), 'No confirmed rule allows what is of high risk.')
}

function suspended(rules: readonly RuleRow[], { paint, now }: Page): string {
  const head = ['RULE', 'WHERE', 'SINCE', 'WHY', 'WHAT']
  const rows = rules.map((rule) => [
    rule.id,
    where(rule),
    ago(rule.changedAt, now),
    suspendedWhy(rule.suspensionReason),
    ruleText(rule),
  ])
  return table(paint, head, fitted(head, rows), 'No rule is suspended.')
}

/** `confirmed`, or `candidate → confirmed`. */
function step({ from, to }: RuleMoment): string {
  return from === null || from === to ? to : `${from} → ${to}`
}

function moments(all: readonly RuleMoment[], { paint, now }: Page, none: string): string {
  const head = ['WHEN', 'RULE', 'STATE', 'BY', 'WHY']
  const rows = all.map((moment) => [
    ago(moment.at, now),
    moment.rule,
    { text: step(moment), tone: TONES[moment.to] },
    by(moment.actor),
    becauseText(moment.because),
  ])
  return table(paint, head, fitted(head, rows), none)
}

/** Learning is nobody's act: the supervisor only writes it down. */
function by(actor: string): string {
  return actor === 'supervisor' ? 'learned' : actor
}

function status(all: RuleStatus, page: Page): string {
  const { paint } = page
  const counts = (Object.keys(STATES) as Status[]).map(
    (name) => [STATES[name].word, { text: String(all.counts[name]), tone: TONES[name] }] as const,
  )
  return `${facts(paint, [
    ...counts,
    ['lately', `${all.promotions.length} confirmed, ${all.suspensions.length} suspended`],
    [
      'risky',
      all.risky.length === 0
        ? '0'
        : { text: `${all.risky.length}, see: clawdeck policy risky`, tone: 'bad' },
    ],
    ['not everywhere', `${count(all.scopes.length, 'rule')} for an agent or a kind of work`],
  ])}${all.conflicts.length === 0 ? '' : `\n${paint('bad', 'These contradict a confirmed rule')}\n${listed(all.conflicts, page, '')}`}${all.suspensions.length + all.promotions.length === 0 ? '' : `\n${moments([...all.promotions, ...all.suspensions].toSorted((a, b) => b.seq - a.seq).slice(0, 10), page, '')}`}`
}

function became({ result, override, confirmed, at }: RuleOutcome, now: number): string {
  const said =
    wordIn(SAID, override) ?? (override === '' ? '' : plain(override.replaceAll('_', ' '), 80))
  return `${ago(Date.parse(at), now)}  ${[said, override !== '' && result === 'cancel' ? '' : plain(result, 80), override === '' ? (confirmed ? 'after a yes' : 'unasked') : ''].filter((part) => part !== '').join(', ')}`
}

const SAID: Record<string, string> = {
  confirmed_after_prompt: 'a person said yes',
  blocked_auto_execute: 'a person said no',
  prefer_auto_execute: 'a person wants it allowed',
  prefer_confirmation: 'a person wants to be asked',
  forced_auto_execute: 'a person forced it',
  should_have_required_confirmation: 'a person should have been asked',
}

function history(moment: RuleMoment, paint: Paint): string {
  const of = moment.of === '' ? '' : paint('dim', `  ${plain(moment.of, 64)}`)
  return `${paint('dim', `${timeOf(moment.at)} ${String(moment.seq).padStart(6)}`)}  ${WHAT[moment.type]}: ${step(moment)}, ${becauseText(moment.because, moment.from !== moment.to) || 'nothing said'}, ${plain(by(moment.actor), 64)}${of}`
}

const WHAT: Record<RuleMoment['type'], string> = {
  'rule.added': 'made',
  'rule.learned': 'learned',
  'rule.confirmed': 'confirmed',
  'rule.suspended': 'suspended',
  'rule.resumed': 'resumed',
  'rule.archived': 'archived',
  'rule.restored': 'restored',
  'rule.edited': 'changed',
  'rule.merged': 'merged',
  'rule.expired': 'expired',
  'rule.imported': 'imported',
}

function page(
  { row, outcomes, history: past, playbooks, markdown, stored }: RuleDetail,
  { paint, now }: Page,
): string {
  const ends =
    row.expiresAt === null
      ? 'until somebody ends it'
      : row.expiresAt <= now
        ? 'over'
        : `for ${span(row.expiresAt - now)} more`
  const words =
    past.length > 20
      ? [
          ...past.slice(0, 20).map((moment) => history(moment, paint)),
          paint('dim', `… ${past.length - 20} more: --json has them`),
        ]
      : past.map((moment) => history(moment, paint))
  return `${paint('strong', ruleSentence(row))}\n\n${facts(
    paint,
    [
      ['rule', row.id],
      ['state', state(row.status)],
      ['why', row.status === 'suspended' ? suspendedWhy(row.suspensionReason) : undefined],
      ['holds', `${ruleWhere(row)}, ${ends}`],
      ...row.trigger.map((trigger) => ['when', trigger] as const),
      [
        'risk',
        row.riskLevel === ''
          ? undefined
          : {
              text: row.riskLevel,
              tone: row.riskLevel === 'high' || row.riskLevel === 'critical' ? 'bad' : 'dim',
            },
      ],
      ['for it', row.decision === '' ? undefined : supportText(row)],
      [
        'failures',
        row.failures === 0 ? undefined : { text: `${row.failures} in a row`, tone: 'bad' },
      ],
      ['used', row.uses === 0 ? 'never' : `${row.uses}×, last ${ago(row.lastUsedAt, now)}`],
      ['made by', row.by],
      ['from', plain(row.source.replaceAll('_', ' '), 80)],
      ['confidence', row.confidence.toFixed(2)],
      ['playbooks', playbooks.length === 0 ? undefined : playbooks.join(', ')],
      ['hash', stored.rule.asset_id],
    ].filter((pair): pair is [string, Cell] => pair[1] !== undefined),
  )}${[
    bullets(paint, 'still missing', row.missing.map(missingText)),
    bullets(
      paint,
      'says the opposite',
      row.conflicts.map((id) => plain(id, 80)),
    ),
    bullets(
      paint,
      'evidence',
      outcomes.toReversed().map((outcome) => became(outcome, now)),
    ),
    bullets(paint, 'history', words),
  ]
    .filter((part) => part !== '')
    .map((part) => `\n${part}`)
    .join('')}\n${markdown
    .split('\n')
    .map((line) => plain(line, 2000))
    .join('\n')
    .trimEnd()}\n`
}

/** What became of a rule, as a line. */
function one(rule: RuleRow, { paint, now }: Page): string {
  const { glyph, word } = STATES[rule.status]
  const ends =
    rule.expiresAt === null || rule.status === 'archived'
      ? ''
      : `, for ${span(Math.max(0, rule.expiresAt - now))} more`
  return `${plain(rule.id, 80)}  ${paint(TONES[rule.status], `${glyph} ${word}`)}  ${ruleText(rule)}, ${ruleWhere(rule)}${ends}\n`
}

function several(rules: readonly RuleRow[], page: Page): string {
  return rules.map((rule) => one(rule, page)).join('')
}

function proposed(all: readonly RuleProposal[], { paint }: Page): string {
  const head = ['WIDTH', 'ASKED', 'ALLOWED', 'DENIED', 'WHAT']
  const rows = all.map(({ width, past, says, trigger }) => [
    width,
    String(past.asked),
    String(past.allowed),
    past.denied === 0 ? '0' : { text: String(past.denied), tone: 'bad' as const },
    `${says}: ${trigger.join(', ')}`,
  ])
  return `${table(paint, head, rows, 'No rule can be made of it.')}${paint('dim', 'Make one: clawdeck policy propose <approval> --width <width>')}\n`
}

export const rulePrinters = {
  rules: (rules: RuleRow[], page: Page) =>
    listed(rules, page, 'Nothing was learned yet. Rules come from what you allow and deny.'),
  'rule-page': page,
  'rule-status': status,
  'rule-moments': (all: RuleMoment[], page: Page) => moments(all, page, 'No rule has moved yet.'),
  'risky-rules': risky,
  'suspended-rules': suspended,
  'rule-proposals': proposed,
  rule: one,
  'changed-rules': several,
} satisfies Partial<Printers>
