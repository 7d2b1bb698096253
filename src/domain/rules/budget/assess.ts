import type { Clock } from '../../../base/clock.ts'
import type { CompiledPolicies } from '../../policy/matching/compiled.ts'
import type { TaskContext } from '../../../clawpolicy/matching/matching.ts'
import type { AgentIdentity, Reason } from '../../policy/types.ts'
import type { EffectiveBounds } from '../../agents/types.ts'
import { judgeLearned } from '../judge.ts'
import type { RuleLookup } from '../rule-book.ts'
import { engineFor, taskOf, taskRisk } from '../task.ts'
import { effectOf, evaluateWith } from '../trials/effective-policy.ts'
import { budgetYielder, type Habit } from './habits.ts'

export interface AssessParts {
  clock: Clock
  rules: RuleLookup
  policies: () => CompiledPolicies
  /** The bounds of an agent; undefined if they are not known. */
  boundsOf: (agent: string) => Promise<EffectiveBounds | undefined>
}

/** A habit, and its answer now. */
export interface AssessedHabit {
  habit: Habit
  agent: AgentIdentity
  situation: TaskContext
  /** What asks a person about it: `nobody` where nothing allows it, '' where no person is asked. */
  asks: 'lock' | 'policy' | 'nobody' | ''
  /** Why it is never proposed to allow it. */
  never: string | undefined
  /** Whether it would be allowed with other learned rules. */
  isAllowedWith(rules: RuleLookup): boolean
}

/** The lowest risk score that a person always decides about. */
const HIGH_RISK = 70

/** Habits of existing agents under their locks and policies. Leases are left out, as they end. */
export async function assessHabits(
  parts: AssessParts,
  habits: readonly Habit[],
): Promise<AssessedHabit[]> {
  const known = new Map<string, EffectiveBounds | undefined>()
  const assessed: AssessedHabit[] = []
  const yieldIfBusy = budgetYielder()
  for (const habit of habits) {
    if (!known.has(habit.agent)) known.set(habit.agent, await parts.boundsOf(habit.agent))
    const bounds = known.get(habit.agent)
    if (bounds !== undefined && !bounds.gone) assessed.push(assess(parts, habit, bounds))
    await yieldIfBusy()
  }
  return assessed
}

function assess(
  { clock, rules, policies }: AssessParts,
  habit: Habit,
  { template, bounds }: EffectiveBounds,
): AssessedHabit {
  const { action, risk } = habit
  const agent = { name: habit.agent, template }
  const asked = { agent, action, risk }
  const answerWith = (lookup: RuleLookup) =>
    evaluateWith({ bounds, policies: policies(), leases: [] }, asked, clock.now(), () =>
      judgeLearned(lookup, { ...asked, now: clock.now(), clock }),
    )
  const { decision, reasons } = answerWith(rules)
  return {
    habit,
    agent,
    situation: engineFor(agent, clock).contextOf(taskOf(action, agent)),
    asks: effectOf(decision) === 'ask' ? askingLayer(reasons) : '',
    never: neverReason(habit),
    isAllowedWith: (lookup) => effectOf(answerWith(lookup).decision) === 'allow',
  }
}

function askingLayer(reasons: readonly Reason[]): AssessedHabit['asks'] {
  const layer = (['lock', 'policy'] as const).find((one) =>
    reasons.some((reason) => reason.layer === one),
  )
  return layer ?? 'nobody'
}

function neverReason({ action, risk, denied, edited, failed }: Habit): string | undefined {
  const { level } = taskRisk(action, risk)
  if (risk.score >= HIGH_RISK || level === 'high' || level === 'critical') return 'its risk is high'
  if (denied > 0) return 'a person has denied it'
  if (edited > 0) return 'a person has edited it'
  return failed > 0 ? 'it has failed' : undefined
}
