import { ago, plain } from '../../../base/text.ts'
import { waitText } from '../../text/approvals.ts'
import type {
  Approval,
  ApprovalService,
  DecidedApprovals,
} from '../../../domain/approvals/types.ts'
import { quorumCount, quorumText } from '../../text/quorum.ts'
import type { Reason, Risk } from '../../../domain/policy/types.ts'
import { facts, table, type Cell, type Paint } from '../terminal.ts'
import { bullets, type Page, type Printers } from './page.ts'

/** A risk score, coloured from 40 on. */
export function riskCell(score: number): Cell {
  if (score < 40) return String(score)
  return { text: String(score), tone: score < 70 ? 'careful' : 'bad' }
}

/** `not reversible +25 · touches prod +20`. */
export function riskFactors({ factors: all }: Risk): string {
  return all.map(({ label, points }) => `${label} ${points < 0 ? '' : '+'}${points}`).join(' · ')
}

/** The reasons of a decision, as a list. */
export function reasonList(paint: Paint, reasons: readonly Reason[]): string {
  const lines = reasons.map(({ layer, id, text }) => {
    const source = plain(`${layer}${id === undefined ? '' : ` ${id}`}`, 100)
    return `${paint('dim', source)}  ${plain(text, 1000)}`
  })
  return bullets(paint, 'why', lines)
}

function stateText(approval: Approval, now: number): string {
  const count = quorumCount(approval)
  const agreed = count === undefined ? '' : `${count} agreed, `
  if (approval.state === 'pending') return `${agreed}${waitText(approval, now)}`
  const by = approval.by === '' ? '' : ` by ${approval.by}`
  return `${approval.state}${by} ${ago(approval.decidedAt, now)}`
}

function queue(approvals: readonly Approval[], { paint, now }: Page): string {
  const rows = approvals.map((a) => [
    a.id,
    riskCell(a.risk.score),
    a.agent,
    stateText(a, now),
    a.action.type,
    a.action.target,
  ])
  return table(
    paint,
    ['APPROVAL', 'RISK', 'AGENT', 'STATE', 'TYPE', 'WHAT'],
    rows,
    'No approvals are waiting.',
  )
}

function approvalText(approval: Approval, { paint, now }: Page): string {
  const { action, edited, precedent, outcome } = approval
  return (
    facts(paint, [
      ['approval', approval.id],
      ['agent', approval.agent],
      ['state', stateText(approval, now)],
      ['people', quorumText(approval) || undefined],
      ['risk', riskCell(approval.risk.score)],
      ['factors', riskFactors(approval.risk) || undefined],
      ['type', action.type],
      ['what', action.target],
      ['in', action.cwd === '' ? undefined : action.cwd],
      ['goal', action.goal === '' ? undefined : action.goal],
      ['systems', action.systems.length === 0 ? undefined : action.systems.join(', ')],
      [
        'other fields',
        Object.keys(action.extra).length === 0 ? undefined : JSON.stringify(action.extra),
      ],
      ['edited to', edited === null ? undefined : edited.target],
      ['note', approval.note === '' ? undefined : approval.note],
      ['lease', approval.lease ?? undefined],
      ['outcome', outcome === null ? undefined : outcomeText(outcome)],
      ['before', precedentText(precedent, now)],
    ]) + reasonList(paint, approval.reasons)
  )
}

function precedentText({ allowed, denied, lastAt }: Approval['precedent'], now: number): string {
  return `allowed ${allowed}×, denied ${denied}×, last ${ago(lastAt, now)}`
}

function outcomeText({ result, exitCode }: NonNullable<Approval['outcome']>): string {
  return `${result}${exitCode === null ? '' : `, exit ${exitCode}`}`
}

function why(
  { approval, verdict, steps }: Awaited<ReturnType<ApprovalService['why']>>,
  page: Page,
): string {
  const list = bullets(
    page.paint,
    'step by step',
    steps.map((step) => plain(step)),
  )
  const now = page.paint('dim', `the decision would be now: ${verdict.decision}`)
  return `${approvalText(approval, page)}${list}${now}\n`
}

function decided({ decided, failed }: DecidedApprovals, page: Page): string {
  const failures = failed.map(({ message }) => `${page.paint('bad', '✗')} ${plain(message, 500)}\n`)
  return [...decided.map((approval) => approvalText(approval, page)), ...failures].join('\n')
}

export const approvalPrinters = {
  decided,
  approvals: queue,
  approval: approvalText,
  'approval-why': why,
} satisfies Partial<Printers>
