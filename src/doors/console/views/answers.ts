import type { AnswerKind, Answers } from '../../../commands/answers.ts'
import { count } from '../../../base/text.ts'
import type { EgressOverview } from '../../../domain/egress/types.ts'
import type { BudgetReport } from '../../../domain/rules/budget/types.ts'
import type { RuleMoment, RuleRow, RuleStatus, Status } from '../../../domain/rules/types.ts'
import type { Alternative, Why, WhyRule, WhyStep } from '../../../domain/rules/why/types.ts'
import type { Explanation } from '../../../domain/templates/types.ts'
import type { Verification } from '../../../journal/types.ts'
import { egressParts } from '../../text/egress.ts'
import { policyPageLines } from '../../text/api-policy.ts'
import { budgetFacts, exampleText, hourlyRate, suggestionsHeading } from '../../text/budget.ts'
import { acceptedLossText, signedText, verdictText } from '../../text/journal.ts'
import { traceLines, workLines } from '../../text/ledger.ts'
import { becauseText, ruleSentence, STATES } from '../../text/rules.ts'
import { todayText, changeText, WHY_HEADINGS } from '../../text/why.ts'
import type { TextLine } from '../store/layer.ts'
import { BLANK_LINE, factLines, sectionLines, textLine } from './lines.ts'
import { factorLine } from './rows/risk.ts'
import { jsonLines } from './text-view.ts'

/** An answer of the deck as lines for people, or as JSON if its kind has no lines here. */
export function answerLines(
  kind: AnswerKind | undefined,
  answer: unknown,
  now: number,
): TextLine[] {
  const lines = kind === undefined ? undefined : (ANSWERS as AnyAnswers)[kind]
  return [BLANK_LINE, ...(lines?.(answer as never, now) ?? jsonLines(answer))]
}

type AnyAnswers = Partial<Record<AnswerKind, (answer: never, now: number) => TextLine[]>>

const ANSWERS: { [K in keyof Answers]?: (answer: Answers[K], now: number) => TextLine[] } = {
  'action-trace': traceLines,
  'agent-work': workLines,
  'api-policy': policyPageLines,
  explanation,
  egress,
  rules: ruleRows,
  'risky-rules': ruleRows,
  'suspended-rules': ruleRows,
  'rule-moments': moments,
  budget,
  'rule-status': ruleStatus,
  why: (answer) => (answer.about === 'rule' ? whyRule(answer) : whyDecision(answer)),
  drift,
  verification,
}

function explanation({ can, asks, cannot, notEnforced }: Explanation): TextLine[] {
  const part = (
    title: string,
    tone: TextLine['tone'],
    { mark, rows }: { mark: string; rows: readonly string[] },
  ): TextLine[] =>
    rows.length === 0
      ? []
      : [
          textLine('head', title),
          ...rows.map((row) => textLine(tone, `${mark} ${row}`)),
          BLANK_LINE,
        ]
  return [
    ...part('It can', 'good', { mark: '✓', rows: can }),
    ...part('It asks first', 'warn', { mark: '?', rows: asks }),
    ...part('It cannot', 'bad', { mark: '✕', rows: cannot }),
    ...part('Not enforced here', 'warn', { mark: '⚠', rows: notEnforced }),
  ]
}

function egress(overview: EgressOverview): TextLine[] {
  const shown = egressParts(overview, Date.now()).filter(({ rows }) => rows.length > 0)
  if (shown.length === 0) return [textLine('text', 'Nothing left a pod yet.')]
  return shown.flatMap(({ heading, rows }) =>
    sectionLines(
      heading,
      rows.map((cells) => textLine('text', cells.join('  '))),
    ),
  )
}

function drift({ ok, drift: found }: Answers['drift']): TextLine[] {
  if (ok) return [textLine('good', '✓ It matches its signed lock.')]
  return [
    textLine('bad', '✕ It has drifted from its lock, so it cannot be started.'),
    BLANK_LINE,
    ...found.flatMap(({ what, from, to }) => [
      textLine('head', what),
      textLine('text', `was  ${from}`),
      textLine('text', `is   ${to}`),
    ]),
  ]
}

const MAX_PROBLEMS = 200

function verification(v: Verification): TextLine[] {
  return [
    textLine(
      v.ok ? 'good' : 'bad',
      `${verdictText(v)}  ${count(v.events, 'event')}, ${v.took.toFixed(0)} ms`,
    ),
    BLANK_LINE,
    ...factLines('head', v.head),
    ...factLines('signed', signedText(v)),
    ...v.losses.flatMap((loss) => factLines('accepted', acceptedLossText(loss))),
    ...factLines('checkpoints', String(v.checkpoints)),
    ...factLines('mirrors', String(v.mirrors)),
    ...sectionLines('Problems', v.problems.slice(0, MAX_PROBLEMS).map(problemLine)),
  ]
}

function problemLine({ where, seq, what }: Verification['problems'][number]): TextLine {
  return textLine('bad', `${where}${seq === null ? '' : ` at event ${seq}`}: ${what}`)
}

/** How many examples of a suggestion are shown. */
const EXAMPLES = 3

function budget(report: BudgetReport): TextLine[] {
  const suggestions = report.proposals.flatMap((each) => [
    textLine('text', `• saves ${hourlyRate(each.saves)}: ${each.text}`),
    ...each.past.slice(0, EXAMPLES).map((past) => textLine('dim', `    ${exampleText(past)}`)),
    textLine('command', `    ${each.command}`),
  ])
  return [
    ...budgetFacts(report).flatMap(({ name, text, over }) =>
      factLines(name, text, over === true ? 'warn' : 'text'),
    ),
    ...sectionLines(suggestionsHeading(report), suggestions),
    ...sectionLines(
      'What still needs your approval',
      report.rest.map((each) => textLine('text', `• ${hourlyRate(each.perHour)}: ${each.because}`)),
    ),
  ]
}

function alternativeLines(heading: string, alternatives: readonly Alternative[]): TextLine[] {
  const lines = alternatives.flatMap(({ text, command }) => [
    textLine('text', `• ${text}`),
    textLine('dim', `    ${command}`),
  ])
  return sectionLines(heading, lines)
}

function whyDecision(why: Why): TextLine[] {
  const { action, risk } = why
  return [
    textLine('command', `${why.agent}: ${action.type} ${action.target}`),
    textLine('text', why.became),
    ...sectionLines(WHY_HEADINGS.path, why.path.map(stepLine)),
    ...sectionLines(`Risk ${risk.score} of 100`, risk.factors.map(factorLine)),
    ...sectionLines(
      WHY_HEADINGS.rules,
      why.rules.map((rule) =>
        textLine('text', `${rule.status.padEnd(10)} ${rule.text}  (${rule.id})`),
      ),
    ),
    ...sectionLines(
      todayText(why.now.decision),
      why.now.reasons.map(({ layer, text }) => textLine('text', `${layer.padEnd(10)} ${text}`)),
    ),
    ...sectionLines(
      WHY_HEADINGS.limits,
      why.limits.map((text) => textLine('warn', `• ${text}`)),
    ),
    ...alternativeLines(WHY_HEADINGS.turns, why.turns),
  ]
}

function stepLine({ layer, id, text, decided }: WhyStep): TextLine {
  const source = id === undefined ? '' : `  (${id})`
  const mark = decided ? '▸' : ' '
  return textLine(decided ? 'good' : 'text', `${mark} ${layer.padEnd(10)} ${text}${source}`)
}

function whyRule(why: WhyRule): TextLine[] {
  return [
    textLine('command', why.summary),
    textLine('text', `${changeText(why.from, why.to)}, by ${why.actor}`),
    textLine('text', becauseText(why.because, why.from !== why.to)),
    ...sectionLines(
      WHY_HEADINGS.evidence,
      why.evidence.map(({ text, of }) =>
        textLine('text', `• ${text}${of === '' ? '' : `  (${of})`}`),
      ),
    ),
    ...alternativeLines(WHY_HEADINGS.acts, why.turns),
  ]
}

function ruleRows(rules: readonly RuleRow[]): TextLine[] {
  if (rules.length === 0) return [textLine('good', '✓ None')]
  return rules.map((rule) =>
    textLine(
      rule.status === 'suspended' ? 'warn' : 'text',
      `${statusText(rule.status)} ${ruleSentence(rule)}  (${rule.id})`,
    ),
  )
}

/** `✓ confirmed `: a status in a column. */
function statusText(status: Status): string {
  const { glyph, word } = STATES[status]
  return `${glyph} ${word.padEnd(10)}`
}

function moments(all: readonly RuleMoment[]): TextLine[] {
  if (all.length === 0) return [textLine('dim', 'No rule has changed yet.')]
  return all.map(({ at, from, to, rule, because }) => {
    const time = new Date(at).toISOString().slice(0, 16).replace('T', ' ')
    const change = `${(from ?? 'new').padEnd(9)} → ${to.padEnd(9)}`
    return textLine(
      to === 'suspended' ? 'warn' : 'text',
      `${time}  ${change}  ${rule}  ${becauseText(because)}`,
    )
  })
}

/** How many of the latest changes are shown. */
const LATEST = 10

function ruleStatus(status: RuleStatus): TextLine[] {
  return [
    ...Object.entries(status.counts).map(([name, many]) =>
      textLine('text', `${statusText(name as Status)} ${many}`),
    ),
    ...sectionLines('Allow high risk', ruleRows(status.risky)),
    ...sectionLines('Contradict a confirmed rule', ruleRows(status.conflicts)),
    ...sectionLines('Recently confirmed', moments(status.promotions.slice(0, LATEST))),
    ...sectionLines('Recently suspended', moments(status.suspensions.slice(0, LATEST))),
  ]
}
