import { count, plain } from '../../base/text.ts'
import type { BudgetProposal, BudgetReport } from '../../domain/rules/budget/types.ts'

/** `3.2 an hour`, `14 an hour`: a rate with the precision that people compare. */
export function hourlyRate(perHour: number): string {
  const isRound = perHour >= 10 || Number.isInteger(perHour)
  return `${isRound ? Math.round(perHour) : perHour.toFixed(1)} an hour`
}

/** A fact about the budget, by name. `over`: the budget is exceeded. */
export interface BudgetFact {
  name: string
  text: string
  over?: boolean
}

/** The budget, and how often approvals are needed. */
export function budgetFacts(report: BudgetReport): BudgetFact[] {
  const { perHour, now, usual, hours, questions, today } = report
  const over = perHour !== null && now > perHour
  const basis = `in ${count(hours, 'hour')} with ${count(questions, 'approval')}`
  return [
    {
      name: 'budget',
      text:
        perHour === null
          ? 'none. Set one: clawdeck policy budget <n>'
          : `at most ${perHour} an hour`,
    },
    { name: 'last hour', text: over ? `${now}, over the budget` : String(now), over },
    {
      name: 'usual',
      text: questions === 0 ? 'no approvals yet' : `${hourlyRate(usual)}, ${basis}`,
    },
    ...(today === usual || questions === 0
      ? []
      : [{ name: 'today', text: `${hourlyRate(today)} of these would still need approval` }]),
  ]
}

/** Above what would reduce the number of approvals. */
export function suggestionsHeading({ after }: BudgetReport): string {
  return `These changes would reduce it to ${hourlyRate(after)}. None is applied until you do it`
}

/** `20×  npm test  (allowed 20, denied 1)` */
export function exampleText(past: BudgetProposal['past'][number]): string {
  const results = [
    `allowed ${past.allowed}`,
    ...(past.denied > 0 ? [`denied ${past.denied}`] : []),
    ...(past.expired > 0 ? [`expired ${past.expired}`] : []),
  ]
  return `${past.times}×  ${plain(past.target, 36)}  (${results.join(', ')})`
}
