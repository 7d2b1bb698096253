import { count } from '../../../base/text.ts'
import { quote } from '../../../base/quote.ts'
import type { WidthName } from '../types.ts'
import type { AssessedHabit } from './assess.ts'
import {
  budgetCandidates,
  PROPOSED_DAYS,
  timesOf,
  type BudgetCandidate,
  type CandidateParts,
} from './candidates.ts'
import { budgetYielder, type Habit, type Habits } from './habits.ts'
import type { BudgetReport, BudgetProposal } from './types.ts'

const MAX_PROPOSALS = 10
/** Questions that a proposal has to save: fewer are no habit. */
const MIN_SAVED = 3
const MAX_SHOWN = 20
/** A wider rule also allows actions that nobody has seen, so it has to save more. */
const WEIGHTS: Record<WidthName, number> = { exact: 1, kind: 0.9, family: 0.7 }
/** A proposed lease lasts for a working day. */
const LEASE_HOURS = 8
const MAX_USES = 1000

/** Proposals that would reach a limit, those that save most first. Without a limit: all of them. */
export async function planBudget(
  parts: CandidateParts,
  { hours, questions }: Habits,
  habits: readonly AssessedHabit[],
  perHour: number | null,
): Promise<Pick<BudgetReport, 'today' | 'proposals' | 'after' | 'rest'>> {
  const left = new Set(habits.filter(({ asks }) => asks !== ''))
  const rate = () => perHourOf(left, hours)
  const today = rate()
  const proposals: BudgetProposal[] = []
  const yieldIfBusy = budgetYielder()
  const candidates = questions === 0 ? [] : await budgetCandidates(parts, habits)
  while (proposals.length < MAX_PROPOSALS && (perHour === null || rate() > perHour)) {
    const best = bestOf(candidates, left)
    if (best === undefined) break
    const saved = best.saves.filter((habit) => left.has(habit))
    proposals.push(proposalOf(best, timesOf(saved) / hours))
    for (const habit of saved) left.delete(habit)
    await yieldIfBusy()
  }
  return { today, proposals, after: rate(), rest: restOf(left, hours) }
}

function bestOf(
  candidates: readonly BudgetCandidate[],
  left: ReadonlySet<AssessedHabit>,
): BudgetCandidate | undefined {
  let best: { candidate: BudgetCandidate; score: number } | undefined
  for (const candidate of candidates) {
    const saved = timesOf(candidate.saves.filter((habit) => left.has(habit)))
    const score = saved * WEIGHTS[candidate.width]
    if (saved >= MIN_SAVED && score > (best?.score ?? 0)) best = { candidate, score }
  }
  return best?.candidate
}

function proposalOf(candidate: BudgetCandidate, saves: number): BudgetProposal {
  const { kind, width, from, covered } = candidate
  const past = covered
    .map(({ habit: { action, times, allowed, denied, expired } }) => ({
      target: action.target,
      times,
      allowed,
      denied,
      expired,
    }))
    .toSorted((a, b) => b.times - a.times)
  return {
    kind,
    width,
    agent: from.agent.name,
    saves,
    past: past.slice(0, MAX_SHOWN),
    more: Math.max(0, past.length - MAX_SHOWN),
    ...(kind === 'rule' ? ruleProposal(candidate) : leaseProposal(candidate)),
  }
}

type ProposalText = Pick<BudgetProposal, 'approval' | 'text' | 'command'>

function ruleProposal({ width, from: { habit, agent }, says }: BudgetCandidate): ProposalText {
  const { approval } = habit
  return {
    approval,
    text: `a rule for ${count(PROPOSED_DAYS, 'day')}: ${says}, for ${agent.name}`,
    command: `clawdeck policy propose ${quote([approval])} --width ${width} --days ${PROPOSED_DAYS}`,
  }
}

function leaseProposal({ from: { habit, agent }, says }: BudgetCandidate): ProposalText {
  const { pending } = habit
  const when = pending === '' ? ', when it is asked next' : ''
  const id = pending === '' ? 'apr_…' : quote([pending])
  const terms = `--uses ${usesOf(habit)} --minutes ${LEASE_HOURS * 60}`
  return {
    approval: pending,
    text: `a lease for ${LEASE_HOURS} hours${when}: ${says}, for ${agent.name}, which one of your policies asks about`,
    command: `clawdeck approvals allow ${id} ${terms}`,
  }
}

/** As many uses as its busiest hour would need all the time. */
function usesOf({ byHour }: Habit): number {
  return Math.min(MAX_USES, Math.max(...byHour.values()) * LEASE_HOURS)
}

function restOf(left: ReadonlySet<AssessedHabit>, hours: number): BudgetReport['rest'] {
  return [...Map.groupBy(left, restReason)]
    .map(([because, habits]) => ({ because, perHour: perHourOf(habits, hours) }))
    .toSorted((a, b) => b.perHour - a.perHour)
}

function restReason({ asks, never, habit }: AssessedHabit): string {
  if (asks === 'lock') return 'the lock demands approval'
  if (never !== undefined) return never
  return habit.allowed === 0
    ? 'no person has allowed it yet'
    : 'it is too rare, or too similar to what a person has to decide'
}

function perHourOf(habits: Iterable<AssessedHabit>, hours: number): number {
  return hours === 0 ? 0 : timesOf(habits) / hours
}
