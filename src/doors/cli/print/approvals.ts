import { ago, plain, span } from '../../../base/text.ts'
import type { Approval, Approvals } from '../../../domain/approvals/types.ts'
import type { Reason, Risk } from '../../../domain/policy/types.ts'
import { facts, table, type Cell, type Paint } from '../terminal.ts'
import { bullets, type Page, type Printers } from './page.ts'

/** The score, loud when it is high. */
export function risk(score: number): Cell {
  if (score < 40) return String(score)
  return { text: String(score), tone: score < 70 ? 'careful' : 'bad' }
}

/** `not reversible +25 · touches prod +20`. */
export function factors({ factors: all }: Risk): string {
  return all.map(({ label, points }) => `${label} ${points < 0 ? '' : '+'}${points}`).join(' · ')
}

/** Reasons as lines: which layer, and its words. */
export function reasons(paint: Paint, all: readonly Reason[]): string {
  return bullets(
    paint,
    'why',
    all.map(
      ({ layer, id, text }) =>
        `${paint('dim', plain(`${layer}${id === undefined ? '' : ` ${id}`}`, 100))}  ${plain(text, 1000)}`,
    ),
  )
}

function state(approval: Approval, now: number): string {
  if (approval.state === 'pending') return `${span(approval.expiresAt - now)} left`
  return `${approval.state}${approval.by === '' ? '' : ` by ${approval.by}`} ${ago(approval.decidedAt, now)}`
}

/** The queue as a table. */
export function queue(approvals: readonly Approval[], { paint, now }: Page): string {
  const rows = approvals.map((a) => [
    a.id,
    risk(a.risk.score),
    a.agent,
    state(a, now),
    a.action.type,
    a.action.target,
  ])
  return table(
    paint,
    ['APPROVAL', 'RISK', 'AGENT', 'STATE', 'TYPE', 'WHAT'],
    rows,
    'Nothing waits for you.',
  )
}

function one(approval: Approval, { paint, now }: Page): string {
  const { action, edited, precedent, outcome } = approval
  return (
    facts(paint, [
      ['approval', approval.id],
      ['agent', approval.agent],
      ['state', state(approval, now)],
      ['risk', risk(approval.risk.score)],
      ['factors', factors(approval.risk) || undefined],
      ['type', action.type],
      ['what', action.target],
      ['in', action.cwd === '' ? undefined : action.cwd],
      ['goal', action.goal === '' ? undefined : action.goal],
      ['systems', action.systems.length === 0 ? undefined : action.systems.join(', ')],
      [
        'beside it',
        Object.keys(action.extra).length === 0 ? undefined : JSON.stringify(action.extra),
      ],
      ['edited to', edited === null ? undefined : edited.target],
      ['note', approval.note === '' ? undefined : approval.note],
      ['lease', approval.lease ?? undefined],
      [
        'outcome',
        outcome === null
          ? undefined
          : `${outcome.result}${outcome.exitCode === null ? '' : `, exit ${outcome.exitCode}`}`,
      ],
      [
        'like this',
        `allowed ${precedent.allowed}×, denied ${precedent.denied}×, last ${ago(precedent.lastAt, now)}`,
      ],
    ]) + reasons(paint, approval.reasons)
  )
}

function why(
  { approval, verdict, steps }: Awaited<ReturnType<Approvals['why']>>,
  page: Page,
): string {
  return `${one(approval, page)}${bullets(
    page.paint,
    'step by step',
    steps.map((step) => plain(step)),
  )}${page.paint('dim', `asked again now it would be: ${verdict.decision}`)}\n`
}

export const approvalPrinters = {
  approvals: queue,
  approval: one,
  'approval-why': why,
} satisfies Partial<Printers>
