import type { AnswerKind, Answers } from '../../../commands/answers.ts'
import type { RuleMoment, RuleRow, RuleStatus, Status } from '../../../domain/rules/types.ts'
import { STATES, DECISION_WORDS, becauseText, ruleSentence } from '../../text/rules.ts'
import type { TextLine } from '../store/layer.ts'
import { jsonLines } from '../views/text-view.ts'
import type { BudgetReport } from '../../../domain/rules/budget/types.ts'
import type { Why, WhyRule } from '../../../domain/rules/why/types.ts'

const line = (tone: TextLine['tone'], text: string): TextLine => ({ tone, text })
const gap = line('dim', '')

/** An answer of the deck as lines for a person; what has no words of its own is shown as JSON. */
export function answerLines(kind: AnswerKind | undefined, answer: unknown): TextLine[] {
  const lines = kind === undefined ? undefined : (ANSWERS as AnyAnswers)[kind]
  return [gap, ...(lines?.(answer as never) ?? jsonLines(answer))]
}

type AnyAnswers = Partial<Record<AnswerKind, (answer: never) => TextLine[]>>

const ANSWERS: { [K in keyof Answers]?: (answer: Answers[K]) => TextLine[] } = {
  explanation: (e) => {
    const part = (
      title: string,
      tone: TextLine['tone'],
      mark: string,
      rows: string[],
    ): TextLine[] =>
      rows.length === 0
        ? []
        : [line('head', title), ...rows.map((r) => line(tone, `${mark} ${r}`)), gap]
    return [
      ...part('It can', 'good', '✓', e.can),
      ...part('It asks first', 'warn', '?', e.asks),
      ...part('It cannot', 'bad', '✕', e.cannot),
      ...part('Not enforced here', 'warn', '⚠', e.notEnforced),
    ]
  },
  rules: ruleRows,
  'risky-rules': ruleRows,
  'suspended-rules': ruleRows,
  'rule-moments': moments,
  budget,
  'rule-status': ruleStatus,
  why: (answer) => (answer.about === 'rule' ? whyRule(answer) : whyQuestion(answer)),
  drift: ({ ok, drift }) => {
    return ok
      ? [line('good', '✓ What is there is what was locked and signed.')]
      : [
          line('bad', '✕ It has drifted from its lock; start refuses.'),
          gap,
          ...drift.flatMap((d) => [
            line('head', d.what),
            line('text', `was  ${d.from}`),
            line('text', `is   ${d.to}`),
          ]),
        ]
  },
  verification: (v) => {
    return [
      v.ok
        ? line('good', `✓ The journal holds: ${v.events} events, checked in ${v.took} ms.`)
        : line(
            'bad',
            `✕ The journal does NOT hold${v.firstBad === null ? '.' : `, first at event ${v.firstBad}.`}`,
          ),
      gap,
      line('text', `head         ${v.head}`),
      line('text', `checkpoints  ${v.checkpoints}`),
      line('text', `mirrors      ${v.mirrors}`),
      ...(v.problems.length === 0 ? [] : [gap, line('head', 'Problems')]),
      ...v.problems
        .slice(0, 200)
        .map((p) => line('bad', `${p.where}${p.seq === null ? '' : ` at ${p.seq}`}: ${p.what}`)),
    ]
  },
}

const hourly = (rate: number): string => `${Math.round(rate * 10) / 10} an hour`

function budget({
  perHour,
  now,
  usual,
  hours,
  questions,
  after,
  proposals,
  rest,
}: BudgetReport): TextLine[] {
  return [
    line(
      'text',
      `budget     ${perHour === null ? 'none; clawdeck policy budget <n> sets one' : `at most ${perHour} an hour; clawdeck policy budget <n>, or off`}`,
    ),
    line(perHour !== null && now > perHour ? 'warn' : 'text', `last hour  ${now}`),
    line(
      'text',
      `usual      ${questions === 0 ? 'nothing was asked yet' : `${hourly(usual)}, in ${hours} h with ${questions} questions`}`,
    ),
    ...(proposals.length === 0
      ? []
      : [
          gap,
          line('head', `These would bring it to ${hourly(after)}; nothing is done until you do it`),
          ...proposals.flatMap((one) => [
            line('text', `• saves ${hourly(one.saves)}: ${one.text}`),
            ...one.past
              .slice(0, 3)
              .map((p) =>
                line(
                  'dim',
                  `    ${p.times}×  ${p.target}  (allowed ${p.allowed}, denied ${p.denied}, expired ${p.expired})`,
                ),
              ),
            line('command', `    ${one.command}`),
          ]),
        ]),
    ...(rest.length === 0
      ? []
      : [
          gap,
          line('head', 'What stays with you'),
          ...rest.map((one) => line('text', `• ${hourly(one.perHour)}: ${one.because}`)),
        ]),
  ]
}

const turned = (turns: readonly { text: string; command: string }[]): TextLine[] =>
  turns.length === 0
    ? []
    : [
        gap,
        line('head', 'What would turn it, the smallest first'),
        ...turns.flatMap((turn) => [
          line('text', `• ${turn.text}`),
          line('dim', `    ${turn.command}`),
        ]),
      ]

function whyQuestion(why: Why): TextLine[] {
  return [
    line('command', `${why.agent}: ${why.action.type} ${why.action.target}`),
    line('text', why.became),
    gap,
    line('head', 'How the answer came about'),
    ...why.path.map((step) =>
      line(
        step.decided ? 'good' : 'text',
        `${step.decided ? '▸' : ' '} ${step.layer.padEnd(10)} ${step.text}${step.id === undefined ? '' : `  (${step.id})`}`,
      ),
    ),
    gap,
    line('head', `Risk ${why.risk.score} of 100`),
    ...why.risk.factors.map((f) =>
      line('warn', `${`${f.points >= 0 ? '+' : ''}${f.points}`.padStart(4)}  ${f.label}`),
    ),
    ...(why.rules.length === 0
      ? []
      : [
          gap,
          line('head', 'Rules about it'),
          ...why.rules.map((rule) =>
            line('text', `${rule.status.padEnd(10)} ${rule.text}  (${rule.id})`),
          ),
        ]),
    gap,
    line('head', `Asked again now: ${DECISION_WORDS[why.now.decision]}`),
    ...why.now.reasons.map((reason) => line('text', `${reason.layer.padEnd(10)} ${reason.text}`)),
    ...(why.limits.length === 0
      ? []
      : [
          gap,
          line('head', 'What nothing learned can turn'),
          ...why.limits.map((text) => line('warn', `• ${text}`)),
        ]),
    ...turned(why.turns),
  ]
}

function whyRule(why: WhyRule): TextLine[] {
  return [
    line('command', why.summary),
    line('text', `${why.from === null ? 'made' : `${why.from} →`} ${why.to}, by ${why.actor}`),
    line('text', becauseText(why.because, why.from !== why.to)),
    ...(why.evidence.length === 0
      ? []
      : [
          gap,
          line('head', 'On this evidence'),
          ...why.evidence.map((e) =>
            line('text', `• ${e.text}${e.of === '' ? '' : `  (${e.of})`}`),
          ),
        ]),
    ...turned(why.turns),
  ]
}

function ruleRows(rows: readonly RuleRow[]): TextLine[] {
  if (rows.length === 0) return [line('good', '✓ None.')]
  return rows.map((rule) =>
    line(
      rule.status === 'suspended' ? 'warn' : 'text',
      `${STATES[rule.status].glyph} ${STATES[rule.status].word.padEnd(10)} ${ruleSentence(rule)}  (${rule.id})`,
    ),
  )
}

function moments(rows: readonly RuleMoment[]): TextLine[] {
  if (rows.length === 0) return [line('dim', 'Nothing has moved yet.')]
  return rows.map((moment) =>
    line(
      moment.to === 'suspended' ? 'warn' : 'text',
      `${new Date(moment.at).toISOString().slice(0, 16).replace('T', ' ')}  ${(moment.from ?? 'new').padEnd(9)} → ${moment.to.padEnd(9)}  ${moment.rule}  ${becauseText(moment.because)}`,
    ),
  )
}

function ruleStatus(status: RuleStatus): TextLine[] {
  const part = (title: string, lines: TextLine[]): TextLine[] => [
    gap,
    line('head', title),
    ...lines,
  ]
  return [
    ...Object.entries(status.counts).map(([name, many]) =>
      line(
        'text',
        `${STATES[name as Status].glyph} ${STATES[name as Status].word.padEnd(10)} ${many}`,
      ),
    ),
    ...part('Allow what is of high risk', ruleRows(status.risky)),
    ...part('Contradict each other', ruleRows(status.conflicts)),
    ...part('Confirmed lately', moments(status.promotions.slice(0, 10))),
    ...part('Suspended lately', moments(status.suspensions.slice(0, 10))),
  ]
}
