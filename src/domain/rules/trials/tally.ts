import { effectOf } from './effective-policy.ts'
import type { ChangedAnswer, Simulation } from './types.ts'

/** The lowest risk score of a severe change. */
const SEVERE_RISK = 70
/** Changed answers that are listed. */
const MAX_LISTED = 200
/** Different changes that are kept while counting: this limits the memory and the sorting. */
const MAX_KEPT = 4000
const MAX_TARGET = 500

type Counts = Omit<Simulation, 'change' | 'notes' | 'took' | 'leftOut'>
type CountedAnswer = Omit<ChangedAnswer, 'severe'>

/** Counts the answers that would change. */
export class Tally {
  readonly #changes = new Map<string, ChangedAnswer>()
  readonly #agents = new Map<string, Counts['byAgent'][number]>()
  #questions = 0
  #severe = 0
  #from = Infinity
  #until = -Infinity

  /** Adds questions that were replayed, asked from `from` to `until`, in Unix milliseconds. */
  addQuestions(questions: number, from: number, until: number): void {
    this.#questions += questions
    this.#from = Math.min(this.#from, from)
    this.#until = Math.max(this.#until, until)
  }

  add(answer: CountedAnswer): void {
    const severe = isSevere(answer)
    if (severe) this.#severe += answer.times
    this.#countAgent(answer)
    const { agent, type, target, was, would } = answer
    const key = JSON.stringify([agent, type, target, was, would, severe])
    const known = this.#changes.get(key)
    const latest = known === undefined || answer.seq > known.seq ? answer : known
    this.#changes.set(key, {
      ...latest,
      target: latest.target.slice(0, MAX_TARGET),
      severe,
      times: answer.times + (known?.times ?? 0),
    })
    if (this.#changes.size > MAX_KEPT) this.#drop()
  }

  counts(): Counts {
    const byAgent = [...this.#agents.values()].sort(
      (a, b) => total(b) - total(a) || (a.agent < b.agent ? -1 : 1),
    )
    const sum = (key: 'toAllow' | 'toAsk' | 'toBlock') =>
      byAgent.reduce((n, agent) => n + agent[key], 0)
    return {
      questions: this.#questions,
      changed: sum('toAllow') + sum('toAsk') + sum('toBlock'),
      toAllow: sum('toAllow'),
      toAsk: sum('toAsk'),
      toBlock: sum('toBlock'),
      severe: this.#severe,
      byAgent,
      flips: [...this.#changes.values()].sort(bySeverity).slice(0, MAX_LISTED),
      from: this.#questions === 0 ? null : this.#from,
      until: this.#questions === 0 ? null : this.#until,
    }
  }

  #countAgent({ agent: name, would, times }: CountedAnswer): void {
    const agent = this.#agents.get(name) ?? { agent: name, toAllow: 0, toAsk: 0, toBlock: 0 }
    agent[COUNTER_OF[effectOf(would)]] += times
    this.#agents.set(name, agent)
  }

  /** Drops the changes that would be listed last. They stay counted. */
  #drop(): void {
    const kept = [...this.#changes].sort(([, a], [, b]) => bySeverity(a, b)).slice(0, MAX_KEPT / 2)
    this.#changes.clear()
    for (const [key, answer] of kept) this.#changes.set(key, answer)
  }
}

const COUNTER_OF = { allow: 'toAllow', ask: 'toAsk', block: 'toBlock' } as const

function total({ toAllow, toAsk, toBlock }: Counts['byAgent'][number]): number {
  return toAllow + toAsk + toBlock
}

function isSevere(answer: CountedAnswer): boolean {
  return answer.risk >= SEVERE_RISK || wouldOverruleDenial(answer)
}

function wouldOverruleDenial({ was, would }: Pick<CountedAnswer, 'was' | 'would'>): boolean {
  return was === 'denied by a person' && effectOf(would) === 'allow'
}

/** Allowed against a person's denial first, then high risk, then what would be allowed. */
function bySeverity(a: ChangedAnswer, b: ChangedAnswer): number {
  const weight = (answer: ChangedAnswer) =>
    (wouldOverruleDenial(answer) ? 4 : 0) +
    (answer.risk >= SEVERE_RISK ? 2 : 0) +
    (answer.severe && effectOf(answer.would) === 'allow' ? 1 : 0)
  return weight(b) - weight(a) || b.seq - a.seq
}
