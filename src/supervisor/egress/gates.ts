import { asFault } from '../../base/fault.ts'
import type { EgressBasis, EgressRefusal, OpenFlow } from '../../domain/egress/types.ts'
import type { GatesInUse } from '../../domain/egress/service.ts'
import type { Lease } from '../../domain/leases/types.ts'
import type { Gate } from '../../gate/gate.ts'
import type { DeckEvent, Draft } from '../../journal/types.ts'
import { GATE_PORT, type Backend, type PodDoor } from '../../ports/pods.ts'
import { TokenBucket } from '../../wire/token-bucket.ts'
import type { Arbiter } from './arbiter.ts'
import type { GatesParts } from './parts.ts'
import type { Questions } from './questions.ts'

/** What agents sent is written down so often. */
const BATCH_MS = 5000
/** Refusals of one agent that have an event of their own; others are counted. */
const REFUSALS = { burst: 60, perSecond: 5 }
/** Events after which flows that are open may not be allowed any more. */
const TAKES_BACK = /^(?:policies\.changed|lease\.(?:revoked|expired)|egress\.revoked|rule\..*)$/
/** Flows that are looked at before everything else is served. */
const REVIEWED_AT_ONCE = 200

interface AgentGate {
  gate: Gate
  arbiter: Arbiter
  questions: Questions
  pod: PodDoor
}

/** The gates of running agents whose templates have an egress list: the only ways out of pods. */
export class Gates implements GatesInUse, AsyncDisposable {
  readonly #parts: GatesParts
  readonly #gates = new Map<string, AgentGate>()
  readonly #revoked = new Set<string>()
  readonly #unfollow: () => void
  #cancelBatch: () => void
  #isReviewing = false
  #reviewAgain = false

  constructor(parts: GatesParts) {
    this.#parts = parts
    this.#unfollow = parts.journal.follow(({ events }) => {
      for (const event of events) this.#heard(event)
    })
    this.#cancelBatch = this.#batchLater()
  }

  /** Whether an agent has to have a gate. */
  isWanted(agent: string, backend: Pick<Backend, 'kind'>): boolean {
    const found = this.#parts.boundsOf(agent)
    return 'bounds' in found && (found.bounds.egress ?? []).length > 0 && backend.kind !== 'outside'
  }

  isOpen(agent: string): boolean {
    return this.#gates.has(agent)
  }

  /** Opens the gate of a running pod. The code of gates is loaded for the first. */
  async open(agent: string, backend: Backend, socketPath: string): Promise<void> {
    await this.close(agent)
    const { composeGate } = await import('./compose-gate.ts')
    const parts = composeGate(this.#parts, agent, {
      backend,
      gates: () => this.#gates.size,
      refused: (text, refusal, where) => this.#refused(agent, text, refusal, where),
    })
    const { server } = parts.gate
    const place = { port: GATE_PORT, socketPath }
    const pod = await backend.doors.open(agent, place, (socket) => {
      socket.setNoDelay(true)
      server.emit('connection', socket)
      socket.once('close', this.#parts.descriptors.opened())
    })
    this.#gates.set(agent, { ...parts, pod })
  }

  async close(agent: string): Promise<void> {
    const open = this.#gates.get(agent)
    this.#gates.delete(agent)
    if (open === undefined) return
    open.questions.close()
    open.gate.close()
    const draft = sentBy(agent, open.gate)
    if (draft !== undefined) await this.#append(draft)
    await open.pod.close()
  }

  flows(): OpenFlow[] {
    return [...this.#gates.values()].flatMap(({ gate }) => gate.flows.list())
  }

  cut(fits: (flow: OpenFlow) => boolean): number {
    const ids = new Map<string, Set<number>>()
    for (const flow of this.flows())
      if (fits(flow)) ids.set(flow.agent, (ids.get(flow.agent) ?? new Set()).add(flow.id))
    return [...ids].reduce((sum, [agent, wanted]) => {
      const flows = this.#gates.get(agent)?.gate.flows
      return sum + (flows?.cut(({ id }) => wanted.has(id)) ?? 0)
    }, 0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow()
    this.#cancelBatch()
    await Promise.all([...this.#gates.keys()].map((agent) => this.close(agent)))
  }

  #append(draft: Draft): Promise<void> {
    return this.#parts.journal
      .append(() => [draft])
      .then(
        () => undefined,
        (thrown: unknown) => this.#parts.log(`what agents sent: ${asFault(thrown).message}`),
      )
  }

  #batchLater(): () => void {
    return this.#parts.clock.after(BATCH_MS, () => {
      for (const [agent, { gate }] of this.#gates) {
        const draft = sentBy(agent, gate)
        if (draft !== undefined) void this.#append(draft)
      }
      this.#cancelBatch = this.#batchLater()
    })
  }

  readonly #tokens = new Map<string, TokenBucket>()

  #refused(
    agent: string,
    target: string,
    { code, reason }: EgressRefusal,
    where: { host: string; port: number } = { host: '', port: 0 },
  ): void {
    const { refused, log } = this.#parts
    let tokens = this.#tokens.get(agent)
    if (tokens === undefined) this.#tokens.set(agent, (tokens = new TokenBucket(REFUSALS)))
    if (tokens.take(1) > 0) {
      this.#gates.get(agent)?.gate.flows.refused(where.host === '' ? UNREAD : where)
      return
    }
    const { host, port } = where
    refused(agent, { target: target.slice(0, MAX_TARGET), host, port, code, reason }).catch(
      (thrown: unknown) => log(`a refusal of ${agent}: ${asFault(thrown).message}`),
    )
  }

  #heard(event: DeckEvent): void {
    if (event.type === 'egress.revoked') {
      const { id } = (event as DeckEvent<'egress.revoked'>).body
      this.#revoked.add(id)
      this.#gates.get(event.subject)?.questions.forget(id)
    }
    if (TAKES_BACK.test(event.type)) this.#review()
  }

  /** Ends the flows that what changed does not allow any more. */
  #review(): void {
    this.#reviewAgain = true
    if (this.#isReviewing) return
    this.#isReviewing = true
    void (async () => {
      while (this.#reviewAgain) {
        this.#reviewAgain = false
        await this.#reviewOnce()
      }
      this.#isReviewing = false
    })()
  }

  async #reviewOnce(): Promise<void> {
    let looked = 0
    for (const [agent, { gate, arbiter }] of this.#gates) {
      gate.dropIdle()
      let ended = 0
      for (const { id, target, basis } of gate.flows.list()) {
        if (!holds(arbiter, target, basis, (of) => this.#isRevoked(of)))
          ended += gate.flows.cut((flow) => flow.id === id)
        if (++looked % REVIEWED_AT_ONCE === 0) await new Promise(setImmediate)
      }
      const body = { host: '', count: ended, why: 'what allowed them was taken back' }
      if (ended > 0)
        await this.#append({ type: 'egress.ended', actor: 'supervisor', subject: agent, body })
    }
  }

  #isRevoked(id: string): boolean {
    if (this.#revoked.has(id)) return true
    const lease = id.startsWith('lea_')
      ? this.#parts.journal.rows.get<Lease>('lease', id)
      : undefined
    return lease?.state === 'revoked' || lease?.state === 'expired'
  }
}

const MAX_TARGET = 1000
const UNREAD = { host: '(unread)', port: 0 }

/** Whatever cannot be judged does not hold. */
function holds(
  arbiter: Arbiter,
  target: string,
  basis: EgressBasis,
  isRevoked: (id: string) => boolean,
): boolean {
  try {
    return arbiter.holds(target, basis, isRevoked)
  } catch {
    return false
  }
}

function sentBy(agent: string, { flows }: Gate): Draft | undefined {
  const hosts = flows.drain()
  if (hosts.length === 0) return undefined
  return { type: 'egress.sent', actor: `agent:${agent}`, subject: agent, body: { hosts } }
}
