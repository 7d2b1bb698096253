import type { Clock } from '../../../base/clock.ts'
import type { CompiledPolicies } from '../../policy/compiled.ts'
import type { TaskContext } from '../../../clawpolicy/matching.ts'
import type { Reason, Doer } from '../../policy/types.ts'
import { turns, type Habit } from './habits.ts'
import { judgeLearned } from '../judge.ts'
import { answerWith, gist } from '../trials/effective-policy.ts'
import type { Rulings } from '../rule-book.ts'
import { engineFor, taskOf, taskRisk } from '../task.ts'
import type { EffectiveBounds } from '../../agents/types.ts'

export interface WeighParts {
  clock: Clock
  book: Rulings
  policies: () => CompiledPolicies
  standing: (agent: string) => Promise<EffectiveBounds | undefined>
}

/** A habit as it would fare today. */
export interface Weighed {
  habit: Habit
  doer: Doer
  situation: TaskContext
  /** Who would ask a person about it: `nobody` where nothing answers, '' where nobody is asked any more. */
  asks: 'lock' | 'policy' | 'nobody' | ''
  /** Why nothing is ever proposed that lets it through. */
  never: string | undefined
  /** Whether nobody would be asked about it with the learned rules as they would be. */
  passes(book: Rulings): boolean
}

/** From this score up, and from the level `high` up, a person decides. */
const HIGH = 70

/** Each habit of the agents that are there, under their locks and the policies in force; leases aside, which end. In slices: nobody has to wait for it. */
export async function weighed(parts: WeighParts, habits: readonly Habit[]): Promise<Weighed[]> {
  const standings = new Map<string, EffectiveBounds | undefined>()
  const all: Weighed[] = []
  const turn = turns()
  for (const habit of habits) {
    if (!standings.has(habit.agent)) standings.set(habit.agent, await parts.standing(habit.agent))
    const standing = standings.get(habit.agent)
    if (standing !== undefined && !standing.gone) all.push(weigh(parts, habit, standing))
    await turn()
  }
  return all
}

function weigh(
  { clock, book, policies }: WeighParts,
  habit: Habit,
  { template, bounds }: EffectiveBounds,
): Weighed {
  const { agent, action, risk } = habit
  const doer = { name: agent, template }
  const asking = { doer, action, risk }
  const under = (rules: Rulings) =>
    answerWith({ bounds, policies: policies(), leases: [] }, asking, clock.now(), () =>
      judgeLearned(rules, { ...asking, now: clock.now(), clock }),
    )
  const { decision, reasons } = under(book)
  return {
    habit,
    doer,
    situation: engineFor(doer, clock).contextOf(taskOf(action, doer)),
    asks: gist(decision) === 'ask' ? askedBy(reasons) : '',
    never: neverWhy(habit),
    passes: (rules) => gist(under(rules).decision) === 'allow',
  }
}

function askedBy(reasons: readonly Reason[]): Weighed['asks'] {
  return (
    (['lock', 'policy'] as const).find((layer) =>
      reasons.some((reason) => reason.layer === layer),
    ) ?? 'nobody'
  )
}

function neverWhy({ action, risk, denied, edited, failed }: Habit): string | undefined {
  const { level } = taskRisk(action, risk)
  if (risk.score >= HIGH || level === 'high' || level === 'critical') return 'its risk is high'
  if (denied > 0) return 'a person has denied it'
  if (edited > 0) return 'a person has changed it'
  return failed > 0 ? 'it has failed' : undefined
}
