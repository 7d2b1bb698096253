import { PassThrough, type Duplex } from 'node:stream'
import type { DeckFacts, RowChange, World, WorldFrame } from '../../src/commands/wire.ts'
import type { Agent } from '../../src/domain/agents/types.ts'
import type { Approval, DecidedApprovals } from '../../src/domain/approvals/types.ts'
import type { Action, PolicyRow } from '../../src/domain/policy/types.ts'
import type { DeckEvent } from '../../src/journal/types.ts'
import { unconfirmed, type Confirmed } from '../../src/base/confirmation.ts'
import { asFault, Fault } from '../../src/base/fault.ts'
import { confirmationsToAllow } from '../../src/domain/approvals/rules.ts'
import type { Link } from '../../src/doors/operator/link.ts'
import type { Lease } from '../../src/domain/leases/types.ts'
import type { RuleRow } from '../../src/domain/rules/types.ts'
import type { Shell } from '../../src/domain/shells/types.ts'

/** An action as a guard door would shape it. */
export function anAction(part: Partial<Action> = {}): Action {
  return {
    type: 'exec',
    target: 'git push origin main',
    argv: [],
    cwd: '/workspace',
    reversible: null,
    systems: [],
    goal: '',
    scope: '',
    claimedRisk: null,
    extra: {},
    ...part,
  }
}

export function anAgent(name: string, part: Partial<Agent> = {}): Agent {
  return {
    name,
    template: 'coder',
    backend: 'podman',
    isolation: 'container',
    wish: 'up',
    phase: 'up',
    since: Date.now() - 7_200_000,
    podId: `pod-${name}`,
    exitCode: null,
    note: '',
    drift: [],
    lock: '',
    unenforced: [],
    door: 'http://127.0.0.1:3000',
    createdAt: Date.now() - 86_400_000,
    asking: 0,
    ...part,
  }
}

export function anApproval(id: string, part: Partial<Approval> = {}): Approval {
  return {
    id,
    agent: 'backend',
    action: anAction(),
    risk: {
      score: 45,
      factors: [
        { label: 'touches a remote', points: 25 },
        { label: 'not seen before', points: 20 },
      ],
    },
    reasons: [{ layer: 'default', text: 'no rule answers this, so a person does' }],
    fingerprint: '0123456789abcdef',
    askedAt: Date.now() - 48_000,
    expiresAt: Date.now() + 252_000,
    state: 'pending',
    decidedAt: null,
    by: '',
    note: '',
    edited: null,
    lease: null,
    outcome: null,
    precedent: { allowed: 11, denied: 0, lastAt: Date.now() - 7_200_000 },
    ...part,
  }
}

export function anEvent(
  seq: number,
  part: Partial<DeckEvent> & { type: DeckEvent['type'] },
): DeckEvent {
  return {
    seq,
    at: Date.now(),
    actor: 'supervisor',
    subject: '',
    body: {} as never,
    prev: 'p'.repeat(64),
    hash: 'h'.repeat(64),
    ...part,
  } as DeckEvent
}

export function aLease(id: string, part: Partial<Lease> = {}): Lease {
  return {
    id,
    agent: 'scout',
    type: 'net',
    target: 'GET registry.npmjs.org/*',
    maxRisk: 40,
    uses: 20,
    usesLeft: 14,
    grantedAt: Date.now() - 600_000,
    expiresAt: Date.now() + 1_500_000,
    grantedBy: 'operator:console',
    state: 'active',
    ...part,
  }
}

export function aPolicy(id: string, part: Partial<PolicyRow> = {}): PolicyRow {
  return {
    id,
    effect: 'allow',
    type: 'exec',
    target: 'git status*',
    uses: 0,
    lastUsedAt: null,
    ...part,
  }
}

export const facts: DeckFacts = {
  version: '0.1.0',
  home: '/home/me/.clawdeck',
  demo: false,
  startedAt: 0,
  events: 18_402,
  verified: true,
  journalProblem: null,
  policyFile: { path: '/home/me/.clawdeck/policies.yaml', problem: null },
  rules: { hint: 0, candidate: 0, confirmed: 0, suspended: 0, archived: 0 },
  backend: {
    kind: 'podman',
    ready: true,
    title: 'podman rootless',
    version: '4.3.1',
    rootless: true,
    isolation: 'container',
    enforces: {
      memory: true,
      cpu: true,
      pids: true,
      seccomp: true,
      network: true,
      readOnlyRoot: true,
    },
    problems: [],
  },
}

/** What a fake deck holds, noun by noun. */
export type FakeWorld = Partial<Omit<World, 'rows'>> & {
  agents?: Agent[]
  approvals?: Approval[]
  leases?: Lease[]
  policies?: PolicyRow[]
  rules?: RuleRow[]
  shells?: Shell[]
}

/** A deck in memory, behind the same line as the real one. What is asked of it is kept in `asked`; `answers` decide what comes back. */
export class FakeLink implements Link {
  readonly asked: { id: string; input: Record<string, unknown> }[] = []
  readonly answers = new Map<string, (input: Record<string, unknown>) => unknown>()
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
      grave: 0,
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
    this.asked.push({ id, input: input as Record<string, unknown> })
    return this.answers.get(id)?.(input as Record<string, unknown>) ?? {}
  }

  async *stream(id: string, input: unknown, signal: AbortSignal): AsyncIterable<unknown> {
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

/** The fleet of the design's drawing. */
export function fleet(): FakeWorld {
  const at = Date.now()
  return {
    seq: 18_402,
    agents: [
      anAgent('backend', { asking: 1 }),
      anAgent('legacy', {
        phase: 'drifted',
        drift: [
          { what: 'image', from: `sha256:${'a'.repeat(64)}`, to: `sha256:${'b'.repeat(64)}` },
        ],
        wish: 'down',
      }),
      anAgent('ops', {
        template: 'devops',
        phase: 'stopped',
        wish: 'down',
        unenforced: ['memory', 'cpu'],
      }),
      anAgent('reviewer', { template: 'reviewer', since: at - 300_000 }),
      anAgent('scout', { template: 'security', isolation: 'none', backend: 'local', asking: 1 }),
    ],
    usage: {
      backend: { cpuPercent: 3, memoryBytes: 212 * 1024 ** 2, pids: 12 },
      scout: { cpuPercent: 1, memoryBytes: 64 * 1024 ** 2, pids: 3 },
      reviewer: { cpuPercent: 0, memoryBytes: 48 * 1024 ** 2, pids: 3 },
    },
    approvals: [
      anApproval('apr_1', {
        risk: {
          score: 82,
          factors: [
            { label: 'not reversible', points: 25 },
            { label: 'touches prod', points: 20 },
            { label: 'writes to a remote', points: 22 },
            { label: 'agent is unsure', points: 15 },
          ],
        },
        action: anAction({
          goal: 'publish the fix for the login page',
          reversible: false,
          systems: ['prod'],
          argv: ['git', 'push', 'origin', 'main'],
        }),
      }),
      anApproval('apr_2', {
        agent: 'scout',
        action: anAction({ type: 'net', target: 'POST api.stripe.com/v1/charges' }),
        risk: {
          score: 61,
          factors: [
            { label: 'leaves the machine', points: 30 },
            { label: 'spends', points: 31 },
          ],
        },
        expiresAt: at + 220_000,
        precedent: { allowed: 0, denied: 0, lastAt: null },
      }),
      anApproval('apr_3', {
        agent: 'reviewer',
        action: anAction({ type: 'file', target: 'write docs/plan.md' }),
        risk: { score: 35, factors: [{ label: 'writes a file', points: 35 }] },
        expiresAt: at + 58_000,
      }),
    ],
    leases: [aLease('lea_1')],
    policies: [
      aPolicy('pol_1', { uses: 44, lastUsedAt: at - 120_000 }),
      aPolicy('pol_2', {
        effect: 'block',
        target: 'rm -rf /*',
        uses: 2,
        lastUsedAt: at - 7_000_000,
      }),
      aPolicy('pol_3', { effect: 'ask', type: 'net', target: 'POST *', riskAtLeast: 40 }),
    ],
    events: Array.from({ length: 40 }, (_, i) =>
      i % 4 === 0
        ? anEvent(18_363 + i, {
            type: 'approval.requested',
            subject: 'backend',
            at: at - (40 - i) * 1500,
            actor: 'agent:backend',
            body: { action: anAction() } as never,
          })
        : anEvent(18_363 + i, {
            type: i % 4 === 1 ? 'action.decided' : i % 4 === 2 ? 'shell.opened' : 'agent.started',
            subject: ['scout', 'reviewer', 'backend'][i % 3] as string,
            at: at - (40 - i) * 1500,
            body: {
              decision: 'allow',
              action: anAction({ type: 'net', target: 'GET registry.npmjs.org/left-pad' }),
              title: 'sh',
              columns: 80,
              rows: 24,
              podId: 'pod-1',
              isolation: 'container',
            } as never,
          }),
    ),
  }
}
