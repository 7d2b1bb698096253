import { count, plain } from '../../../base/text.ts'
import { facts } from '../terminal.ts'
import { bullets, wrapped, type Page, type Printers } from './page.ts'
import type { BudgetReport, BudgetProposal } from '../../../domain/rules/budget/types.ts'

const SHOWN = 3

/** `3.2`, `14`: a rate as people compare it. */
function rate(perHour: number): string {
  return perHour >= 10 || Number.isInteger(perHour)
    ? String(Math.round(perHour))
    : perHour.toFixed(1)
}

function proposal(
  { text, saves, past, more, command }: BudgetProposal,
  at: number,
  { paint }: Page,
): string {
  const shown = past
    .slice(0, SHOWN)
    .map(
      ({ target, times, allowed, denied, expired }) =>
        `     ${paint('dim', `${times}×  ${plain(target, 36)}  (allowed ${allowed}${denied > 0 ? `, denied ${denied}` : ''}${expired > 0 ? `, expired ${expired}` : ''})`)}\n`,
    )
  const hidden = past.length - shown.length + more
  return `${wrapped(`${String(at + 1).padStart(2)}. saves ${rate(saves)} an hour: ${plain(text, 300)}`, '    ')}${shown.join('')}${hidden > 0 ? `     ${paint('dim', `and ${hidden} more`)}\n` : ''}    ${command}\n`
}

function report(answer: BudgetReport, page: Page): string {
  const { perHour, now, usual, hours, questions, today, proposals, after, rest } = answer
  const { paint } = page
  const over = perHour !== null && now > perHour
  const head = facts(paint, [
    [
      'budget',
      perHour === null ? 'none: clawdeck policy budget <n> sets one' : `at most ${perHour} an hour`,
    ],
    ['last hour', over ? { text: `${now}, above it`, tone: 'careful' } : String(now)],
    [
      'usual',
      questions === 0
        ? 'nothing was asked yet'
        : `${rate(usual)} an hour, in ${count(hours, 'hour')} with ${count(questions, 'question')}`,
    ],
    [
      'today',
      today === usual || questions === 0
        ? undefined
        : `${rate(today)} an hour of that would still be asked`,
    ],
  ])
  if (questions === 0) return head
  if (proposals.length === 0)
    return `${head}${perHour !== null && today <= perHour ? 'That is within the budget.\n' : 'There is nothing to propose.\n'}${remaining(rest, page)}`
  const title = paint(
    'strong',
    `These would bring it to ${rate(after)} an hour; nothing is done until you do it`,
  )
  return `${head}\n${title}\n${proposals.map((one, at) => proposal(one, at, page)).join('')}${remaining(rest, page)}`
}

function remaining(rest: BudgetReport['rest'], { paint }: Page): string {
  return bullets(
    paint,
    'what stays with you',
    rest.map(({ because, perHour }) => `${rate(perHour)} an hour: ${plain(because)}`),
  )
}

export const budgetPrinters = {
  budget: report,
} satisfies Partial<Printers>
