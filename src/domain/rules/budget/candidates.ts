import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import { matches } from '../../../clawpolicy/matching/matching.ts'
import { AUTO, type Rule } from '../../../clawpolicy/types.ts'
import { widerTriggers } from '../../../clawpolicy/proposals.ts'
import type { RuleProposals, ProposedRule } from '../changes/propose.ts'
import type { RuleLookup } from '../rule-book.ts'
import { toRule } from '../stored.ts'
import { taskOf } from '../task.ts'
import { overlayRules } from '../trials/rule-overlay.ts'
import type { WidthName } from '../types.ts'
import type { AssessedHabit } from './assess.ts'
import { budgetYielder } from './habits.ts'

export interface CandidateParts {
  rules: RuleLookup
  proposedRule: RuleProposals['proposedRule']
}

/** A rule or lease that could be proposed. */
export interface BudgetCandidate {
  kind: 'rule' | 'lease'
  width: WidthName
  /** The habit that it is made from. */
  from: AssessedHabit
  says: string
  covered: AssessedHabit[]
  /** Those that a person would not be asked about any longer. */
  saves: AssessedHabit[]
}

/** Days that a proposed rule lasts. */
export const PROPOSED_DAYS = 7
/** Habits of each width that rules are made from, the most frequent first. */
const MAX_TRIED: Record<WidthName, number> = { exact: 40, kind: 20, family: 10 }

/** Everything that could be proposed. */
export async function budgetCandidates(
  parts: CandidateParts,
  habits: readonly AssessedHabit[],
): Promise<BudgetCandidate[]> {
  const rules: BudgetCandidate[] = []
  for (const { habit, width } of await frequentHabits(habits)) {
    const rule = await ruleCandidate(parts, habits, habit, width)
    if (rule !== undefined) rules.push(rule)
  }
  return [...rules, ...habits.flatMap((habit) => leaseCandidate(habit) ?? [])]
}

interface WidthHabit {
  habit: AssessedHabit
  width: WidthName
}

/** The habits that rules are made from: for each set of triggers the most frequent one. */
async function frequentHabits(habits: readonly AssessedHabit[]): Promise<WidthHabit[]> {
  const yieldIfBusy = budgetYielder()
  const groups: Record<WidthName, Map<string, { habit: AssessedHabit; times: number }>> = {
    exact: new Map(),
    kind: new Map(),
    family: new Map(),
  }
  for (const habit of habits) {
    await yieldIfBusy()
    const { asks, never, agent, habit: asked } = habit
    if (asks !== 'nobody' || never !== undefined || asked.allowed === 0) continue
    for (const { width, trigger } of widthsOf(habit)) {
      const key = JSON.stringify([agent.name, ...trigger])
      const known = groups[width].get(key)
      if (known === undefined) groups[width].set(key, { habit, times: asked.times })
      else known.times += asked.times
    }
  }
  return (Object.keys(groups) as WidthName[]).flatMap((width) =>
    [...groups[width].values()]
      .toSorted((a, b) => b.times - a.times)
      .slice(0, MAX_TRIED[width])
      .map(({ habit }) => ({ habit, width })),
  )
}

function widthsOf({ agent, habit: { action } }: AssessedHabit) {
  return [
    { width: 'exact' as const, trigger: [action.type, action.target] },
    ...widerTriggers(taskOf(action, agent), AUTO),
  ]
}

/**
 * The rule that the proposal's command would make; undefined if it would allow what is never
 * proposed, or if people did not mostly allow what it covers.
 */
async function ruleCandidate(
  { rules, proposedRule }: CandidateParts,
  habits: readonly AssessedHabit[],
  from: AssessedHabit,
  width: WidthName,
): Promise<BudgetCandidate | undefined> {
  const stored = storedRule(proposedRule, from, width)
  if (stored === undefined) return undefined
  const covered = await coveredBy(toRule(stored), from.agent.name, habits)
  if (covered === undefined || allowedOf(covered) * 2 < timesOf(covered)) return undefined
  const { lookup } = overlayRules(rules, [stored])
  const saves: AssessedHabit[] = []
  const yieldIfBusy = budgetYielder()
  for (const habit of covered) {
    await yieldIfBusy()
    if (habit.asks === 'nobody' && habit.isAllowedWith(lookup)) saves.push(habit)
  }
  const says = coverageText(from, width)
  return saves.length === 0 ? undefined : { kind: 'rule', width, from, says, covered, saves }
}

function storedRule(
  proposedRule: CandidateParts['proposedRule'],
  { habit }: AssessedHabit,
  width: WidthName,
): ProposedRule['stored'] | undefined {
  const { approval } = habit
  try {
    return proposedRule(
      { approval, width, decision: 'allow', scope: 'project', days: PROPOSED_DAYS },
      'operator',
    ).stored
  } catch (thrown) {
    if (thrown instanceof Fault) return undefined
    throw thrown
  }
}

/** The habits that a rule covers; undefined if one of them is never proposed. */
async function coveredBy(
  rule: Rule,
  agent: string,
  habits: readonly AssessedHabit[],
): Promise<AssessedHabit[] | undefined> {
  const covered: AssessedHabit[] = []
  const yieldIfBusy = budgetYielder()
  for (const habit of habits) {
    await yieldIfBusy()
    if (habit.agent.name !== agent || !matches(rule, habit.situation)) continue
    if (habit.never !== undefined) return undefined
    covered.push(habit)
  }
  return covered
}

function coverageText({ habit, agent }: AssessedHabit, width: WidthName): string {
  const target = plain(habit.action.target, 80)
  if (width === 'exact') return `exactly ${target}`
  const wider = widerTriggers(taskOf(habit.action, agent), AUTO).find((one) => one.width === width)
  return wider?.covers ?? target
}

/** Where a policy of the operator asks, no rule can allow, but a lease can. */
function leaseCandidate(from: AssessedHabit): BudgetCandidate | undefined {
  const { habit, asks, never } = from
  if (asks !== 'policy' || never !== undefined || habit.allowed * 2 < habit.times) return undefined
  return {
    kind: 'lease',
    width: 'exact',
    from,
    says: coverageText(from, 'exact'),
    covered: [from],
    saves: [from],
  }
}

export function timesOf(habits: Iterable<AssessedHabit>): number {
  let sum = 0
  for (const { habit } of habits) sum += habit.times
  return sum
}

function allowedOf(habits: readonly AssessedHabit[]): number {
  return habits.reduce((sum, { habit }) => sum + habit.allowed, 0)
}
