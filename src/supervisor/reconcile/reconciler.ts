import { Fault, asFault } from '../../base/fault.ts'
import type { GuardedAgents } from '../../domain/agents/guarded-agents.ts'
import type { LaunchSpecs } from '../../domain/agents/launch-specs.ts'
import type { Freezing } from '../../domain/agents/freezing/service.ts'
import { unenforcedLimits } from '../../domain/agents/rules.ts'
import type { Agent } from '../../domain/agents/types.ts'
import type { Expiry } from '../../domain/approvals/expiry.ts'
import type { ShellService } from '../../domain/shells/service.ts'
import type { Drift } from '../../domain/templates/types.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Draft } from '../../journal/types.ts'
import type { Backend, BackendReport, PodFacts, PodSpec } from '../../ports/pods.ts'
import type { GuardDoors } from '../guard-doors.ts'
import { SerialByKey } from './serial-by-key.ts'

export interface ReconcilerParts {
  journal: Journal
  backendOf: (agent: Agent) => Backend
  reportOf: (agent: Agent) => BackendReport
  launchSpecs: Pick<LaunchSpecs, 'read' | 'readIfChanged' | 'isUnchanged'>
  guarded: Pick<GuardedAgents, 'add' | 'remove'>
  doors: Pick<GuardDoors, 'open' | 'close' | 'isOpen'>
  doorPath: (agent: string) => string
  expiry: Pick<Expiry, 'dropAgent'>
  shells: Pick<ShellService, 'dropAgent'>
  freezing: Pick<Freezing, 'settle'>
  log: (what: string) => void
}

/** How long a pod has to end by itself. */
const GRACE_MS = 5000
const MAX_PARALLEL = 4
/** A label on the pod names the spec that it was made from, so that another pod is recognised. */
const SPEC_LABEL = 'clawdeck.spec'

/** Brings agents into the state that is wanted: several at once, but one change at a time each. */
export class Reconciler implements AsyncDisposable {
  readonly #serial = new SerialByKey(MAX_PARALLEL)
  #isClosed = false
  readonly #parts: ReconcilerParts

  constructor(parts: ReconcilerParts) {
    this.#parts = parts
  }

  /** Runs work while nothing else happens to the agent. Fault `supervisor.stopping`. */
  readonly exclusively = <T>(name: string, work: () => Promise<T>): Promise<T> =>
    this.#serial.run(name, () => {
      if (this.#isClosed)
        throw new Fault('supervisor.stopping', 'the supervisor is stopping', {
          hint: 'Try again in a moment.',
        })
      return work()
    })

  /** Starts nothing more. Resolves when what has started has ended, or after a while. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    const timeout = new Promise<void>((resolve) => {
      setTimeout(resolve, GRACE_MS).unref()
    })
    await Promise.race([this.#serial.idle(), timeout])
  }

  /** Reconciles one agent. Rejects with why that failed. */
  readonly reconcile = (name: string): Promise<void> =>
    this.exclusively(name, async () => {
      try {
        await this.#compare(name)
      } catch (thrown) {
        throw await this.#fail(name, thrown)
      }
    })

  /** Reconciles an agent whose pod changed. What fails is journalled and logged. */
  readonly podChanged = (name: string): void => {
    this.reconcile(name).catch((thrown: unknown) => {
      this.#parts.log(`${name}: ${asFault(thrown).message}`)
    })
  }

  /** Whether an agent, with its pod in this state, needs nothing. */
  isReconciled(agent: Agent, facts: PodFacts | undefined): boolean {
    if (agent.phase === 'starting' || agent.phase === 'stopping') return false
    if (facts?.state !== 'running') return agent.phase !== 'up'
    if (!this.#parts.launchSpecs.isUnchanged(agent.name)) return false
    return (
      agent.phase === 'drifted' ||
      (agent.phase === 'up' &&
        agent.podId === facts.id &&
        isHeldAsMeant(agent, facts) &&
        this.#parts.doors.isOpen(agent.name))
    )
  }

  #agent(name: string): Agent | undefined {
    return this.#parts.journal.rows.get<Agent>('agent', name)
  }

  #append(...drafts: Draft[]): Promise<unknown> {
    return this.#parts.journal.append(() => drafts)
  }

  /** Compares what is wanted of an agent with its pod, and acts on the difference. */
  async #compare(name: string): Promise<void> {
    await this.#comparePod(name)
    await this.#parts.freezing.settle(name)
  }

  async #comparePod(name: string): Promise<void> {
    const agent = this.#agent(name)
    if (agent === undefined) return
    if (agent.phase === 'stopping') {
      await this.#stopOrRestart(agent)
      return
    }
    if (agent.phase === 'starting') {
      await this.#bringUp(agent)
      return
    }
    const facts = await this.#parts.backendOf(agent).lifecycle.inspect(name)
    if (facts?.state === 'running') await this.#adopt(agent, facts)
    else if (agent.phase === 'up') await this.#podEnded(agent, facts)
  }

  async #stopOrRestart(agent: Agent): Promise<void> {
    await this.#bringDown(agent)
    if (agent.wish !== 'up') return
    await this.#append({ type: 'agent.start_requested', ...about(agent), body: { forced: false } })
    const now = this.#agent(agent.name)
    if (now !== undefined) await this.#bringUp(now)
  }

  async #bringUp(agent: Agent): Promise<void> {
    const { lifecycle } = this.#parts.backendOf(agent)
    const { spec, specHash, drift } = await this.#parts.launchSpecs.readIfChanged(agent)
    if (drift.length > 0)
      throw new Fault('drift', `${agent.name} is not what was locked`, {
        hint: `clawdeck policy validate ${agent.name}`,
      })
    const existing = await lifecycle.inspect(agent.name)
    // After a crash between start and its event the pod runs already, and keeps its work.
    if (existing?.state === 'running' && existing.labels[SPEC_LABEL] === specHash) {
      await this.#adopt(agent, existing)
      return
    }
    // It goes on with its start when it is thawed.
    if (this.#agent(agent.name)?.frozen !== undefined) return
    if (existing !== undefined) await lifecycle.remove(agent.name)
    await lifecycle.create({ ...spec, labels: { ...spec.labels, [SPEC_LABEL]: specHash } })
    const facts = await lifecycle.start(agent.name)
    await this.#started(agent, facts, { behindOurBack: false })
    await this.#openDoor(agent)
  }

  async #bringDown(agent: Agent): Promise<void> {
    const { lifecycle } = this.#parts.backendOf(agent)
    const isThere = (await lifecycle.inspect(agent.name)) !== undefined
    // Shells of a paused pod do not end before it does.
    if (isThere && agent.frozen !== undefined) await lifecycle.stop(agent.name, 0)
    await this.#cutOff(agent.name, 'the agent was stopped')
    if (isThere) await lifecycle.stop(agent.name, GRACE_MS)
    const facts = await lifecycle.inspect(agent.name)
    await this.#append({
      type: 'agent.stopped',
      ...about(agent),
      body: { exitCode: facts?.exitCode ?? null, note: '' },
    })
  }

  /** A running pod that was not started just now: by an earlier supervisor, or by somebody else. */
  async #adopt(agent: Agent, facts: PodFacts): Promise<void> {
    const { spec, specHash, drift } = await this.#parts.launchSpecs.read(agent)
    const differences = [
      ...drift.filter(({ what }) => what !== 'image'),
      ...podDrift(facts, spec, specHash),
    ]
    if (differences.length > 0) {
      await this.#cutOff(agent.name, 'the agent is not what was locked')
      if (agent.phase !== 'drifted')
        await this.#append({ type: 'agent.drifted', ...about(agent), body: { drift: differences } })
      return
    }
    const isSamePod = agent.podId === facts.id
    if (agent.phase !== 'up' || !isSamePod)
      await this.#started(agent, facts, { behindOurBack: agent.phase !== 'starting' })
    if (!this.#parts.doors.isOpen(agent.name) || !isSamePod) await this.#openDoor(agent)
  }

  async #podEnded(agent: Agent, facts: PodFacts | undefined): Promise<void> {
    const note = agent.frozen === undefined ? endNote(facts) : `${endNote(facts)} while frozen`
    await this.#cutOff(agent.name, note)
    const exitCode = facts?.exitCode ?? null
    await this.#append({ type: 'agent.exited', ...about(agent), body: { exitCode, note } })
  }

  #started(
    agent: Agent,
    { id }: PodFacts,
    { behindOurBack }: { behindOurBack: boolean },
  ): Promise<unknown> {
    const report = this.#parts.reportOf(agent)
    const { isolation } = report
    const unenforced = unenforcedLimits(report)
    return this.#append({
      type: 'agent.started',
      ...about(agent),
      body: { podId: id, isolation, unenforced, behindOurBack },
    })
  }

  async #openDoor(agent: Agent): Promise<void> {
    const { guarded, doors, backendOf, doorPath } = this.#parts
    await guarded.add(agent)
    const address = await doors.open(agent.name, backendOf(agent), doorPath(agent.name))
    if (this.#agent(agent.name)?.door !== address)
      await this.#append({ type: 'agent.door_opened', ...about(agent), body: { address } })
  }

  /** Ends everything that depends on the running pod: answers, approvals that wait, shells. */
  async #cutOff(name: string, why: string): Promise<void> {
    this.#parts.guarded.remove(name)
    await this.#parts.doors.close(name)
    await this.#parts.expiry.dropAgent(name, why)
    await this.#parts.shells.dropAgent(name, why)
  }

  async #fail(name: string, thrown: unknown): Promise<Fault> {
    const fault = asFault(thrown)
    if (fault.code === 'bug') this.#parts.log(`defect with ${name}: ${traceOf(fault)}`)
    const agent = this.#agent(name)
    // An engine that does not answer says nothing about its pods: those that were up stay guarded.
    if (fault.code === 'backend.unavailable' && agent?.phase === 'up') return fault
    await this.#cutOff(name, 'the agent failed')
    if (agent !== undefined && FAILING_PHASES.includes(agent.phase))
      await this.#append({ type: 'agent.failed', ...about(agent), body: { note: fault.message } })
    return fault
  }
}

/** Whether a running pod is paused if and only if its agent is frozen. */
function isHeldAsMeant({ frozen, thawing }: Agent, { paused }: PodFacts): boolean {
  return paused ? frozen?.held === true : frozen === undefined && thawing === undefined
}

const FAILING_PHASES: readonly Agent['phase'][] = ['starting', 'stopping', 'up']

function traceOf({ cause, message }: Fault): string {
  return cause instanceof Error ? (cause.stack ?? '') : message
}

function endNote(facts: PodFacts | undefined): string {
  if (facts === undefined) return 'the pod was removed outside of the deck'
  const { exitCode } = facts
  return exitCode === null || exitCode === undefined
    ? 'the pod ended'
    : `the pod ended with exit code ${exitCode}`
}

/** How a running pod differs from its lock. A newer image counts from the next start only. */
function podDrift({ labels, imageDigest }: PodFacts, spec: PodSpec, specHash: string): Drift[] {
  const label = labels[SPEC_LABEL] ?? ''
  const drift: Drift[] = []
  if (label !== specHash)
    drift.push({ what: 'spec', from: specHash, to: label === '' ? 'a pod without a label' : label })
  if (imageDigest !== spec.imageDigest)
    drift.push({ what: 'image', from: spec.imageDigest, to: imageDigest })
  return drift
}

function about(agent: Agent): { actor: string; subject: string } {
  return { actor: 'supervisor', subject: agent.name }
}
