import type { EgressBasis, EgressPass, HostTally, OpenFlow } from '../domain/egress/types.ts'

/** Hosts that are counted by themselves between two drains. The rest is counted together. */
const MAX_HOSTS = 1000
const OTHERS = { host: '(others)', port: 0 }

/** Bytes so far: sent by the pod, and sent to it. */
export interface Meter {
  up: number
  down: number
}

export interface FlowParts {
  text: string
  host: string
  port: number
  pass: EgressPass
  kind: 'tunnel' | 'request'
  meter: () => Meter
  /** Ends it, whatever is under way. */
  cut: () => void
}

/** One tunnel or request that is open. */
export interface GateFlow extends FlowParts {
  readonly id: number
  readonly since: number
  /** What was counted of it already. */
  counted: Meter
  /** When something was sent last, and how much there was then. */
  active: { at: number; bytes: number }
  /** Whether one side has said that it sends no more. */
  isHalfOpen: boolean
  isCut: boolean
}

interface FlowsOptions {
  agent: string
  now: () => number
  sweepMs: number
  idleMs: number
  halfOpenMs: number
  /** What was sent by a flow that ended because it was too much. */
  tooMuch: (flow: GateFlow) => void
}

/** The flows of one agent that are open, and what they sent. */
export class Flows {
  readonly #options: FlowsOptions
  readonly #open = new Set<GateFlow>()
  readonly #tallies = new Map<string, HostTally>()
  #sweeper: NodeJS.Timeout | undefined
  #latest = 0

  constructor(options: FlowsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#open.size
  }

  /** A flow from now on. It is ended with `end`, also after it was cut. */
  begin(parts: FlowParts): GateFlow {
    const since = this.#options.now()
    const flow: GateFlow = {
      ...parts,
      id: ++this.#latest,
      since,
      counted: { up: 0, down: 0 },
      active: { at: performance.now(), bytes: 0 },
      isHalfOpen: false,
      isCut: false,
    }
    this.#open.add(flow)
    const tally = this.#tallyOf(flow)
    tally[flow.kind === 'tunnel' ? 'flows' : 'requests']++
    tally.decidedBy = basisText(flow.pass.basis)
    this.#sweeper ??= setInterval(() => this.#sweep(), this.#options.sweepMs).unref()
    return flow
  }

  end(flow: GateFlow): void {
    if (!this.#open.delete(flow)) return
    this.#count(flow)
    if (this.#open.size > 0) return
    clearInterval(this.#sweeper)
    this.#sweeper = undefined
  }

  /** Counts a request in a tunnel. */
  request(where: { host: string; port: number }): void {
    this.#tallyOf(where).requests++
  }

  /** Counts a refusal that is written down nowhere else. */
  refused(where: { host: string; port: number }): void {
    this.#tallyOf(where).refused++
  }

  /** Ends those that fit. Returns how many. */
  cut(fits: (flow: GateFlow) => boolean): number {
    const found = [...this.#open].filter(fits)
    for (const flow of found) flow.cut()
    return found.length
  }

  list(): OpenFlow[] {
    return [...this.#open].map(({ id, text, host, port, pass, since, meter }) => {
      const { up, down } = meter()
      const { agent } = this.#options
      const { basis } = pass
      return { id, agent, target: text, host, port, basis, since, bytesUp: up, bytesDown: down }
    })
  }

  /** What was sent since the last time, by host. */
  drain(): HostTally[] {
    for (const flow of this.#open) this.#count(flow)
    const tallies = [...this.#tallies.values()].filter(isSomething)
    this.#tallies.clear()
    return tallies
  }

  #count(flow: GateFlow): void {
    const now = flow.meter()
    const up = now.up - flow.counted.up
    const down = now.down - flow.counted.down
    if (up === 0 && down === 0) return
    const tally = this.#tallyOf(flow)
    tally.bytesUp += up
    tally.bytesDown += down
    tally.decidedBy ||= basisText(flow.pass.basis)
    flow.counted = now
  }

  #tallyOf({ host, port }: { host: string; port: number }): HostTally {
    const key = `${host} ${port}`
    const known = this.#tallies.get(key)
    if (known !== undefined) return known
    const isOne = this.#tallies.size < MAX_HOSTS
    if (!isOne && host !== OTHERS.host) return this.#tallyOf(OTHERS)
    const none = { flows: 0, requests: 0, bytesUp: 0, bytesDown: 0, refused: 0 }
    const tally = { ...none, host, port, decidedBy: '' }
    this.#tallies.set(key, tally)
    return tally
  }

  /** Ends a flow that sent too much. Returns what it sent. */
  check(flow: GateFlow): number {
    const { up, down } = flow.meter()
    if (up + down > flow.pass.maxBytes && !flow.isCut) {
      flow.isCut = true
      this.#options.tooMuch(flow)
      flow.cut()
    }
    return up + down
  }

  /** Ends what sent too much, and what sends nothing. */
  #sweep(): void {
    const now = performance.now()
    for (const flow of this.#open) {
      const bytes = this.check(flow)
      if (bytes !== flow.active.bytes) flow.active = { at: now, bytes }
      else if (flow.kind === 'tunnel' && now - flow.active.at > this.#idleLimit(flow)) flow.cut()
    }
  }

  #idleLimit({ isHalfOpen }: GateFlow): number {
    return isHalfOpen ? this.#options.halfOpenMs : this.#options.idleMs
  }
}

function isSomething({ flows, requests, bytesUp, bytesDown, refused }: HostTally): boolean {
  return flows + requests + bytesUp + bytesDown + refused > 0
}

function basisText({ by, ids }: EgressBasis): string {
  return `${by} ${ids.slice(0, 3).join(', ')}`.trim()
}
