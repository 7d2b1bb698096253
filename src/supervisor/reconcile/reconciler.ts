import { Fault, asFault } from '../../base/fault.ts'
import { unenforced } from '../../domain/agents/rules.ts'
import type { Agent, LaunchSpec } from '../../domain/agents/types.ts'
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
  /** Reads and proves what an agent was locked to, and makes its in-pod files anew. */
  charter: (agent: Agent) => Promise<LaunchSpec>
  /** The same, as it was checked a moment ago. */
  checked: (agent: Agent) => Promise<LaunchSpec>
  /** Nobody wrote into the agent's folder since its charter was read. */
  untouched: (agent: string) => boolean
  /** From now on the guard answers for this agent within its lock, or (false) refuses everything. */
  govern: (agent: string, on: boolean) => Promise<void>
  doors: GuardDoors
  doorPath: (agent: string) => string
  expiry: Expiry
  shells: () => ShellService
  log: (what: string) => void
}

/** How long a pod has to end by itself. */
const GRACE_MS = 5000
const WIDTH = 4
/** Says on the pod itself which spec it was made from, so that one made by somebody else shows. */
const SPEC_LABEL = 'clawdeck.spec'

/** Makes what is into what is wanted: one agent at a time each, four agents at once. */
export class Reconciler {
  readonly #serial = new SerialByKey(WIDTH)
  #closed = false
  readonly #parts: ReconcilerParts

  constructor(parts: ReconcilerParts) {
    this.#parts = parts
  }

  /** Runs work on an agent with nothing else happening to it meanwhile. Fault `supervisor.stopping`. */
  readonly alone = <T>(name: string, work: () => Promise<T>): Promise<T> =>
    this.#serial.run(name, () => {
      if (this.#closed)
        throw new Fault('supervisor.stopping', 'the supervisor is stopping', {
          hint: 'Try again in a moment.',
        })
      return work()
    })

  /** Begins nothing more; resolves when what had begun has ended, or after a while. */
  async close(): Promise<void> {
    this.#closed = true
    const late = new Promise<void>((resolve) => {
      setTimeout(resolve, GRACE_MS).unref()
    })
    await Promise.race([this.#serial.idle(), late])
  }

  /** Settles one agent now; rejects with why it could not be. */
  readonly settle = (name: string): Promise<void> =>
    this.alone(name, async () => {
      try {
        await this.#compare(name)
      } catch (thrown) {
        throw await this.#fail(name, thrown)
      }
    })

  /** The same, for news from a backend: what goes wrong is journalled and logged. */
  readonly notice = (name: string): void => {
    this.settle(name).catch((thrown: unknown) => {
      this.#parts.log(`${name}: ${asFault(thrown).message}`)
    })
  }

  /** Whether an agent needs no closer look, its pod being as `facts` say. */
  inOrder(agent: Agent, facts: PodFacts | undefined): boolean {
    if (agent.phase === 'starting' || agent.phase === 'stopping') return false
    if (facts?.state !== 'running') return agent.phase !== 'up'
    if (!this.#parts.untouched(agent.name)) return false
    return (
      agent.phase === 'drifted' ||
      (agent.phase === 'up' && agent.podId === facts.id && this.#parts.doors.isOpen(agent.name))
    )
  }

  #agent(name: string): Agent | undefined {
    return this.#parts.journal.rows.get<Agent>('agent', name)
  }

  #say(...drafts: Draft[]): Promise<unknown> {
    return this.#parts.journal.append(() => drafts)
  }

  /** Compares one agent's wish with reality, and acts on the difference. */
  async #compare(name: string): Promise<void> {
    const agent = this.#agent(name)
    if (agent === undefined) return
    if (agent.phase === 'stopping') {
      await this.#cycle(agent)
      return
    }
    if (agent.phase === 'starting') {
      await this.#bringUp(agent)
      return
    }
    const facts = await this.#parts.backendOf(agent).lifecycle.inspect(name)
    if (facts?.state === 'running') await this.#adopt(agent, facts)
    else if (agent.phase === 'up') await this.#gone(agent, facts)
  }

  /** Down, and up again if that is what is wished for. */
  async #cycle(agent: Agent): Promise<void> {
    await this.#bringDown(agent)
    if (agent.wish !== 'up') return
    await this.#say({ type: 'agent.start_requested', ...about(agent), body: { forced: false } })
    const now = this.#agent(agent.name)
    if (now !== undefined) await this.#bringUp(now)
  }

  async #bringUp(agent: Agent): Promise<void> {
    const backend = this.#parts.backendOf(agent)
    const { spec, specHash, drift } = await this.#parts.checked(agent)
    if (drift.length > 0)
      throw new Fault('drift', `${agent.name} is not what was locked`, {
        hint: `clawdeck policy validate ${agent.name}`,
      })
    const there = await backend.lifecycle.inspect(agent.name)
    // A crash between start and its event: the pod is up and right, so nothing it did is lost.
    if (there?.state === 'running' && there.labels[SPEC_LABEL] === specHash) {
      await this.#adopt(agent, there)
      return
    }
    if (there !== undefined) await backend.lifecycle.remove(agent.name)
    await backend.lifecycle.create({ ...spec, labels: { ...spec.labels, [SPEC_LABEL]: specHash } })
    const facts = await backend.lifecycle.start(agent.name)
    await this.#started(agent, facts, false)
    await this.#openDoor(agent)
  }

  async #bringDown(agent: Agent): Promise<void> {
    await this.#quieten(agent.name, 'the agent was stopped')
    const { lifecycle } = this.#parts.backendOf(agent)
    if ((await lifecycle.inspect(agent.name)) !== undefined)
      await lifecycle.stop(agent.name, GRACE_MS)
    const facts = await lifecycle.inspect(agent.name)
    await this.#say({
      type: 'agent.stopped',
      ...about(agent),
      body: { exitCode: facts?.exitCode ?? null, note: '' },
    })
  }

  /** A running pod that we did not start just now: ours from before a restart, or changed behind our back. */
  async #adopt(agent: Agent, facts: PodFacts): Promise<void> {
    const { spec, specHash, drift } = await this.#parts.charter(agent)
    const wrong = [
      ...drift.filter((d) => d.what !== 'image'),
      ...runningDrift(facts, spec, specHash),
    ]
    if (wrong.length > 0) {
      await this.#quieten(agent.name, 'the agent is not what was locked')
      if (agent.phase !== 'drifted')
        await this.#say({ type: 'agent.drifted', ...about(agent), body: { drift: wrong } })
      return
    }
    const same = agent.podId === facts.id
    if (agent.phase !== 'up' || !same) await this.#started(agent, facts, agent.phase !== 'starting')
    if (!this.#parts.doors.isOpen(agent.name) || !same) await this.#openDoor(agent)
  }

  async #gone(agent: Agent, facts: PodFacts | undefined): Promise<void> {
    const exitCode = facts?.exitCode ?? null
    const note =
      facts === undefined
        ? 'the pod was removed behind our back'
        : exitCode === null
          ? 'the pod ended'
          : `the pod ended with exit code ${exitCode}`
    await this.#quieten(agent.name, note)
    await this.#say({ type: 'agent.exited', ...about(agent), body: { exitCode, note } })
  }

  #started(agent: Agent, facts: PodFacts, behindOurBack: boolean): Promise<unknown> {
    const { isolation, enforces } = this.#parts.reportOf(agent)
    return this.#say({
      type: 'agent.started',
      ...about(agent),
      body: { podId: facts.id, isolation, unenforced: unenforced(enforces), behindOurBack },
    })
  }

  async #openDoor(agent: Agent): Promise<void> {
    await this.#parts.govern(agent.name, true)
    const address = await this.#parts.doors.open(
      agent.name,
      this.#parts.backendOf(agent),
      this.#parts.doorPath(agent.name),
    )
    if (this.#agent(agent.name)?.door !== address)
      await this.#say({ type: 'agent.door_opened', ...about(agent), body: { address } })
  }

  /** No more answers, no more waiting, no more shells. */
  async #quieten(name: string, why: string): Promise<void> {
    await this.#parts.govern(name, false)
    await this.#parts.doors.close(name)
    await this.#parts.expiry.dropAgent(name, why)
    await this.#parts.shells().dropAgent(name, why)
  }

  async #fail(name: string, thrown: unknown): Promise<Fault> {
    const fault = asFault(thrown)
    if (fault.code === 'bug')
      this.#parts.log(
        `defect with ${name}: ${fault.cause instanceof Error ? (fault.cause.stack ?? '') : fault.message}`,
      )
    const agent = this.#agent(name)
    // An engine that does not answer says nothing about its pods: those that were up are governed as before.
    if (fault.code === 'backend.unavailable' && agent?.phase === 'up') return fault
    await this.#quieten(name, 'the agent failed')
    if (agent !== undefined && UNSETTLED.includes(agent.phase))
      await this.#say({ type: 'agent.failed', ...about(agent), body: { note: fault.message } })
    return fault
  }
}

/** How a running pod differs from what was locked. A newer image under the same name is the next start's matter, not this pod's. */
function runningDrift(facts: PodFacts, spec: PodSpec, specHash: string): Drift[] {
  const label = facts.labels[SPEC_LABEL] ?? ''
  return [
    ...(label === specHash
      ? []
      : [
          {
            what: 'spec' as const,
            from: specHash,
            to: label === '' ? 'a pod without a label' : label,
          },
        ]),
    ...(facts.imageDigest === spec.imageDigest
      ? []
      : [{ what: 'image' as const, from: spec.imageDigest, to: facts.imageDigest }]),
  ]
}

const UNSETTLED: readonly Agent['phase'][] = ['starting', 'stopping', 'up']

function about(agent: Agent): { actor: string; subject: string } {
  return { actor: 'supervisor', subject: agent.name }
}
