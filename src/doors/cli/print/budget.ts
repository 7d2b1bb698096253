import { count, plain } from '../../../base/text.ts'
import type { BudgetProposal, BudgetReport } from '../../../domain/rules/budget/types.ts'
import { facts, type Cell, type Paint } from '../terminal.ts'
import { bullets, wrapped, type Page, type Printers } from './page.ts'

/** How many examples of a proposal are shown. */
const EXAMPLES = 3

/** `3.2`, `14`: a rate with the precision that people compare. */
function rate(perHour: number): string {
  return perHour >= 10 || Number.isInteger(perHour)
    ? String(Math.round(perHour))
    : perHour.toFixed(1)
}

function budget(report: BudgetReport, page: Page): string {
  const { perHour, questions, today, proposals, after } = report
  const head = facts(page.paint, factsOf(report))
  if (questions === 0) return head
  const rest = remaining(report.rest, page)
  if (proposals.length === 0) {
    const within = perHour !== null && today <= perHour
    const summary = within ? 'This is within the budget.' : 'There is nothing to suggest.'
    return `${head}${summary}\n${rest}`
  }
  const title = page.paint(
    'strong',
    `These changes would reduce it to ${rate(after)} an hour. None is applied until you do it`,
  )
  const list = proposals.map((each, i) => proposal(each, i + 1, page.paint))
  return `${head}\n${title}\n${list.join('')}${rest}`
}

function factsOf({
  perHour,
  now,
  usual,
  hours,
  questions,
  today,
}: BudgetReport): (readonly [string, Cell | undefined])[] {
  const over = perHour !== null && now > perHour
  return [
    [
      'budget',
      perHour === null ? 'none. Set one: clawdeck policy budget <n>' : `at most ${perHour} an hour`,
    ],
    ['last hour', over ? { text: `${now}, over the budget`, tone: 'careful' } : String(now)],
    [
      'usual',
      questions === 0
        ? 'no approvals yet'
        : `${rate(usual)} an hour, in ${count(hours, 'hour')} with ${count(questions, 'approval')}`,
    ],
    [
      'today',
      today === usual || questions === 0
        ? undefined
        : `${rate(today)} an hour of these would still need approval`,
    ],
  ]
}

function proposal(
  { text, saves, past, more, command }: BudgetProposal,
  number: number,
  paint: Paint,
): string {
  const examples = past.slice(0, EXAMPLES).map((each) => `     ${paint('dim', example(each))}\n`)
  const hidden = past.length - examples.length + more
  const title = `${String(number).padStart(2)}. saves ${rate(saves)} an hour: ${plain(text, 300)}`
  const rest = hidden > 0 ? `     ${paint('dim', `and ${hidden} more`)}\n` : ''
  return `${wrapped(title, '    ')}${examples.join('')}${rest}    ${command}\n`
}

function example({
  target,
  times,
  allowed,
  denied,
  expired,
}: BudgetProposal['past'][number]): string {
  const results = [
    `allowed ${allowed}`,
    ...(denied > 0 ? [`denied ${denied}`] : []),
    ...(expired > 0 ? [`expired ${expired}`] : []),
  ]
  return `${times}×  ${plain(target, 36)}  (${results.join(', ')})`
}

function remaining(rest: BudgetReport['rest'], { paint }: Page): string {
  return bullets(
    paint,
    'what still needs your approval',
    rest.map(({ because, perHour }) => `${rate(perHour)} an hour: ${plain(because)}`),
  )
}

export const budgetPrinters = {
  budget,
} satisfies Partial<Printers>
