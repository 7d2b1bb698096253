import { PassThrough, type Duplex } from 'node:stream'
import type { RowChange, World, WorldFrame } from '../../src/commands/wire.ts'
import type { Agent } from '../../src/domain/agents/types.ts'
import type { Approval, DecidedApprovals } from '../../src/domain/approvals/types.ts'
import type { PolicyRow } from '../../src/domain/policy/types.ts'
import type { DeckEvent } from '../../src/journal/types.ts'
import { unconfirmed, type Confirmed } from '../../src/base/confirmation.ts'
import { asFault, Fault } from '../../src/base/fault.ts'
import { confirmationsToAllow } from '../../src/domain/approvals/rules.ts'
import type { Link } from '../../src/doors/operator/link.ts'
import type { Me } from '../../src/doors/console/store/ui.ts'
import type { Lease } from '../../src/domain/leases/types.ts'
import type { RuleRow } from '../../src/domain/rules/types.ts'
import type { Shell } from '../../src/domain/shells/types.ts'
import { facts } from './fake-rows.ts'

/** What a fake deck holds, noun by noun. */
export type FakeWorld = Partial<Omit<World, 'rows'>> & {
  agents?: Agent[]
  approvals?: Approval[]
  leases?: Lease[]
  policies?: PolicyRow[]
  rules?: RuleRow[]
  shells?: Shell[]
}

/**
 * A deck in memory, behind the same line as the real one. What is asked of it is kept in `asked`;
 * `answers` decide what comes back.
 */
export class FakeLink implements Link {
  readonly asked: { id: string; input: Record<string, unknown> }[] = []
  readonly answers = new Map<string, (input: Record<string, unknown>) => unknown>()
  /** Questions that others are told are open here, the latest last; '' once none is. */
  readonly looked: string[] = []
  /** As whom it knows the console. */
  me: Me = { operator: 'maya', local: true, role: 'owner', agents: null }
  world_: World
  private listeners = new Set<Queue>()
  private down = false

  constructor({
    agents = [],
    approvals = [],
    leases = [],
    policies = [],
    rules = [],
    shells = [],
    ...rest
  }: FakeWorld = {}) {
    this.world_ = {
      seq: 0,
      deck: facts,
      events: [],
      usage: {},
      ...rest,
      rows: {
        agent: agents.map((row) => [row.name, row]),
        approval: approvals.map((row) => [row.id, row]),
        lease: leases.map((row) => [row.id, row]),
        policy: policies.map((row) => [row.id, row]),
        rule: rules.map((row) => [row.id, row]),
        shell: shells.map((row) => [row.id, row]),
      },
    }
    this.answers.set('approval.allow', (input) => {
      this.requireConfirmed(input)
      return this.decideAll(input, 'allowed')
    })
    this.answers.set('approval.deny', (input) => this.decideAll(input, 'denied'))
    this.answers.set('rule.proposals', () => [])
    this.answers.set('rule.list', () => [])
    this.answers.set('rule.simulate', () => ({
      change: '',
      questions: 0,
      changed: 0,
      toAllow: 0,
      toAsk: 0,
      toBlock: 0,
      severe: 0,
      byAgent: [],
      flips: [],
      leftOut: 0,
      notes: [],
      from: null,
      until: null,
      took: 0,
    }))
    this.answers.set('template.list', () =>
      ['coder', 'devops', 'reviewer', 'security'].map((name) => ({
        name,
        description: `does what a ${name} does`,
        origin: 'built-in',
        path: '',
      })),
    )
  }

  async do(id: string, input: unknown = {}): Promise<unknown> {
    if (this.down) throw new Fault('supervisor.unavailable', 'the supervisor is not running')
    if (id === 'operator.me') return this.me
    this.asked.push({ id, input: input as Record<string, unknown> })
    return this.answers.get(id)?.(input as Record<string, unknown>) ?? {}
  }

  async *stream(id: string, input: unknown, signal: AbortSignal): AsyncIterable<unknown> {
    if (id === 'approval.look') {
      this.looked.push((input as { id: string }).id)
      signal.addEventListener('abort', () => this.looked.push(''), { once: true })
      return
    }
    this.asked.push({ id, input: input as Record<string, unknown> })
    const items = this.answers.get(id)?.(input as Record<string, unknown>)
    if (items !== undefined) yield* items as Iterable<unknown>
    if (!signal.aborted)
      await new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { once: true }),
      )
  }

  async *world(signal: AbortSignal): AsyncIterable<WorldFrame> {
    if (this.down) throw new Fault('supervisor.unavailable', 'the supervisor is not running')
    const queue = new Queue()
    this.listeners.add(queue)
    signal.addEventListener('abort', () => queue.end(), { once: true })
    yield { kind: 'world', world: structuredClone(this.world_) }
    yield* queue.frames()
    this.listeners.delete(queue)
  }

  async attach(): Promise<Duplex> {
    return new PassThrough()
  }
  close(): void {
    for (const queue of this.listeners) queue.end()
  }

  /** What was sent by these acts; what was confirmed with it is checked by the deck. */
  sent(...ids: string[]): { id: string; input: Record<string, unknown> }[] {
    return this.asked
      .filter(({ id }) => ids.includes(id))
      .map(({ id, input }) => {
        const { confirm: _, ...rest } = input
        return { id, input: rest }
      })
  }

  /** Rows and events as the supervisor would say them. */
  push(rows: RowChange[], events: DeckEvent[] = []): void {
    this.world_.seq = Math.max(this.world_.seq, ...events.map((e) => e.seq), 0)
    for (const change of rows)
      if (change.noun === 'approval' && change.row !== null)
        this.world_.rows.approval = [
          ...(this.world_.rows.approval ?? []).filter(([id]) => id !== change.id),
          [change.id, change.row],
        ]
    for (const queue of this.listeners)
      queue.push({ kind: 'delta', seq: this.world_.seq, events, rows })
  }

  pulse(frame: Extract<WorldFrame, { kind: 'pulse' }>): void {
    for (const queue of this.listeners) queue.push(frame)
  }
  ask(approval: Approval): void {
    this.push([{ noun: 'approval', id: approval.id, row: approval }])
  }
  agent(agent: Agent): void {
    this.push([{ noun: 'agent', id: agent.name, row: agent }])
  }

  /** The supervisor dies, or comes back. */
  fall(): void {
    this.down = true
    for (const queue of this.listeners) queue.end()
  }
  rise(): void {
    this.down = false
  }

  /** How the deck judges what would run. */
  riskOf: (approval: Approval) => number = ({ risk }) => risk.score

  /** As the deck does: Fault `confirmation.needed` with what was not confirmed. */
  private requireConfirmed(input: Record<string, unknown>): void {
    const ids = input['ids'] as string[]
    const edit = input['target'] as string | undefined
    const pending = (this.world_.rows.approval ?? [])
      .filter(([id, { state }]) => ids.includes(id) && state === 'pending')
      .map(([, approval]) => approval)
    const runs = pending.map((a) => {
      const run = edit === undefined ? a : { ...a, action: { ...a.action, target: edit } }
      return { ...run, risk: { ...a.risk, score: this.riskOf(run) } }
    })
    const needed = confirmationsToAllow(pending, runs)
    const missing = unconfirmed(needed, (input['confirm'] ?? {}) as Confirmed)
    if (missing.length > 0)
      throw new Fault('confirmation.needed', 'it has to be confirmed', { confirm: missing })
  }

  /** One that cannot be decided throws; among several, the others are decided. */
  decideAll({ ids }: Record<string, unknown>, state: 'allowed' | 'denied'): DecidedApprovals {
    const all = ids as string[]
    if (all.length === 1) return { decided: [this.decideNow(all[0] ?? '', state)], failed: [] }
    const answer: DecidedApprovals = { decided: [], failed: [] }
    for (const id of all)
      try {
        answer.decided.push(this.decideNow(id, state))
      } catch (thrown) {
        answer.failed.push(asFault(thrown).toJSON())
      }
    return answer
  }

  decideNow(id: string, state: 'allowed' | 'denied'): Approval {
    const found = this.world_.rows.approval?.find(([known]) => known === id)?.[1]
    if (found?.state !== 'pending')
      throw new Fault('approval.decided', 'already decided by operator:cli')
    const row: Approval = { ...found, state, decidedAt: Date.now(), by: 'operator:console' }
    this.push([{ noun: 'approval', id, row }])
    return row
  }
}

class Queue {
  private readonly waiting: WorldFrame[] = []
  private wake: () => void = () => undefined
  private over = false

  push(frame: WorldFrame): void {
    this.waiting.push(frame)
    this.wake()
  }
  end(): void {
    this.over = true
    this.wake()
  }

  async *frames(): AsyncIterable<WorldFrame> {
    while (!this.over || this.waiting.length > 0) {
      const frame = this.waiting.shift()
      if (frame !== undefined) yield frame
      else
        await new Promise<void>((resolve) => {
          this.wake = resolve
        })
    }
  }
}
