/** What waits of one agent, and the time that was spent on it so far. */
interface Lane<T> {
  waiting: T[]
  /** In milliseconds, comparable between agents: see `#floor`. */
  spent: number
}

/**
 * Whose turn is next: that of the agent on which the least time was spent, its oldest item first.
 * So an agent waits for at most one item of each other agent, however many these have and however
 * long they take. Whoever was away has not saved up time: it begins where the others are.
 */
export class FairQueue<T> {
  readonly #maxWaiting: number
  readonly #lanes = new Map<string, Lane<T>>()
  /** The time spent on the agent that had the latest turn: no agent that waits is below it. */
  #floor = 0
  #size = 0

  /** `maxWaiting` items of one agent may wait. */
  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting
  }

  /** Items that wait. */
  get size(): number {
    return this.#size
  }

  /** Adds an item. Returns false if too many of the agent wait already. */
  push(agent: string, item: T): boolean {
    const lane = this.#lane(agent)
    if (lane.waiting.length >= this.#maxWaiting) return false
    if (lane.waiting.length === 0) lane.spent = Math.max(lane.spent, this.#floor)
    lane.waiting.push(item)
    this.#size++
    return true
  }

  /** The agent whose turn it is. */
  first(): string | undefined {
    let chosen: string | undefined
    let least = Infinity
    for (const [agent, { waiting, spent }] of this.#lanes) {
      if (waiting.length === 0 || spent >= least) continue
      chosen = agent
      least = spent
    }
    return chosen
  }

  /** Takes the item whose turn it is. */
  next(): { agent: string; item: T } | undefined {
    const agent = this.first()
    if (agent === undefined) return undefined
    const lane = this.#lane(agent)
    this.#size--
    this.#floor = Math.max(this.#floor, lane.spent)
    // Of agents with the same time, the one that had no turn for longest comes first.
    this.#lanes.delete(agent)
    this.#lanes.set(agent, lane)
    return { agent, item: lane.waiting.shift() as T }
  }

  /** Counts time spent on an agent; a negative amount corrects an estimate. */
  charge(agent: string, ms: number): void {
    this.#lane(agent).spent += ms
  }

  /** Forgets agents that nothing waits of and that are not ahead of the others. */
  prune(): void {
    for (const [agent, { waiting, spent }] of this.#lanes)
      if (waiting.length === 0 && spent <= this.#floor) this.#lanes.delete(agent)
  }

  #lane(agent: string): Lane<T> {
    let lane = this.#lanes.get(agent)
    if (lane === undefined) {
      lane = { waiting: [], spent: this.#floor }
      this.#lanes.set(agent, lane)
    }
    return lane
  }
}
