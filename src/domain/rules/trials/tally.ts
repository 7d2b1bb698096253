import { gist } from './effective-policy.ts'
import type { Flip, Simulation } from './types.ts'

/** From this risk on a change is named first. */
const HIGH = 70
/** Flips that are told of. */
const SHOWN = 200
/** Kinds of flips that are kept apart while counting: this bounds the memory, and how long they are sorted in one piece. */
const MOST_KINDS = 4000
const LONGEST = 500

type Counted = Omit<Simulation, 'change' | 'notes' | 'took' | 'leftOut'>

/** Counts what would have been answered otherwise. */
export class Tally {
  readonly #kinds = new Map<string, Flip>()
  readonly #agents = new Map<string, Counted['byAgent'][number]>()
  #questions = 0
  #grave = 0
  #from = Infinity
  #until = -Infinity

  /** Questions that were looked at, and from when to when they are, in Unix milliseconds. */
  looked(questions: number, from: number, until: number): void {
    this.#questions += questions
    this.#from = Math.min(this.#from, from)
    this.#until = Math.max(this.#until, until)
  }

  add(flip: Omit<Flip, 'grave'>): void {
    const grave = isGrave(flip)
    if (grave) this.#grave += flip.times
    const agent = this.#agents.get(flip.agent) ?? {
      agent: flip.agent,
      toAllow: 0,
      toAsk: 0,
      toBlock: 0,
    }
    agent[TO[gist(flip.would)]] += flip.times
    this.#agents.set(flip.agent, agent)
    const key = JSON.stringify([flip.agent, flip.type, flip.target, flip.was, flip.would, grave])
    const known = this.#kinds.get(key)
    const latest = known === undefined || flip.seq > known.seq ? flip : known
    this.#kinds.set(key, {
      ...latest,
      target: latest.target.slice(0, LONGEST),
      grave,
      times: flip.times + (known?.times ?? 0),
    })
    if (this.#kinds.size > MOST_KINDS) this.#forget()
  }

  /** Those that would be told of last are only counted from here on. */
  #forget(): void {
    const kept = [...this.#kinds].sort(([, a], [, b]) => byGravity(a, b)).slice(0, MOST_KINDS / 2)
    this.#kinds.clear()
    for (const [key, flip] of kept) this.#kinds.set(key, flip)
  }

  counted(): Counted {
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
      grave: this.#grave,
      byAgent,
      flips: [...this.#kinds.values()].sort(byGravity).slice(0, SHOWN),
      from: this.#questions === 0 ? null : this.#from,
      until: this.#questions === 0 ? null : this.#until,
    }
  }
}

const TO = { allow: 'toAllow', ask: 'toAsk', block: 'toBlock' } as const

function total({
  toAllow,
  toAsk,
  toBlock,
}: {
  toAllow: number
  toAsk: number
  toBlock: number
}): number {
  return toAllow + toAsk + toBlock
}

function isGrave(flip: Omit<Flip, 'grave'>): boolean {
  return flip.risk >= HIGH || againstNo(flip)
}

function againstNo({ was, would }: Pick<Flip, 'was' | 'would'>): boolean {
  return was === 'denied by a person' && gist(would) === 'allow'
}

/** What would be let through is graver than what would be asked, and a person's no than any risk. */
function byGravity(a: Flip, b: Flip): number {
  const weight = (flip: Flip) =>
    (againstNo(flip) ? 4 : 0) +
    (flip.risk >= HIGH ? 2 : 0) +
    (flip.grave && gist(flip.would) === 'allow' ? 1 : 0)
  return weight(b) - weight(a) || b.seq - a.seq
}
