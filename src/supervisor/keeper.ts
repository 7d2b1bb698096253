import { Fault, asFault } from '../base/fault.ts'
import type { Agent } from '../domain/agents/types.ts'
import type { Expiry } from '../domain/approvals/expiry.ts'
import type { SessionService } from '../domain/sessions/service.ts'
import type { Drift } from '../domain/templates/types.ts'
import type { Journal } from '../journal/journal.ts'
import type { Draft } from '../journal/types.ts'
import type { Backend, BackendReport, PodFacts, PodSpec } from '../ports/pods.ts'
import type { GuardDoors } from './doors.ts'
import { serialByKey } from './serial.ts'

/** What the keeper must know of an agent before its pod may run. */
export interface Charter { spec: PodSpec; specHash: string; drift: Drift[] }

export interface KeeperParts {
  journal: Journal
  backendOf: (agent: Agent) => Backend
  reportOf: (agent: Agent) => BackendReport
  /** Reads and proves what an agent was locked to, and makes its in-pod files anew. */
  charter: (agent: Agent) => Promise<Charter>
  /** From now on the guard answers for this agent within its lock, or (false) refuses everything. */
  govern: (agent: string, on: boolean) => Promise<void>
  doors: GuardDoors
  doorPath: (agent: string) => string
  expiry: Expiry
  sessions: () => SessionService
  log: (what: string) => void
}

/** How long a pod has to end by itself. */
const GRACE_MS = 5000
const WIDTH = 4

/** Makes what is into what is wanted: one agent at a time each, four agents at once. */
export function keeper(parts: KeeperParts) {
  const { journal } = parts
  const serial = serialByKey(WIDTH)
  const agentOf = (name: string) => journal.rows.get<Agent>('agent', name)
  const say = (...drafts: Draft[]) => journal.append(() => drafts)
  const about = (name: string) => ({ actor: 'supervisor', subject: name })

  async function quieten(name: string, why: string): Promise<void> {
    await parts.govern(name, false)
    await parts.doors.close(name)
    await parts.expiry.dropAgent(name, why)
    await parts.sessions().dropAgent(name, why)
  }

  async function openDoor(agent: Agent, backend: Backend): Promise<void> {
    await parts.govern(agent.name, true)
    const address = await parts.doors.open(agent.name, backend, parts.doorPath(agent.name))
    if (agentOf(agent.name)?.door !== address) await say({ type: 'agent.door_opened', ...about(agent.name), body: { address } })
  }

  async function bringUp(agent: Agent): Promise<void> {
    const backend = parts.backendOf(agent)
    const { spec, drift } = await parts.charter(agent)
    if (drift.length > 0) throw new Fault('drift', `${agent.name} is not what was locked`, { hint: `clawdeck policy validate ${agent.name}` })
    if (await backend.lifecycle.inspect(agent.name) !== undefined) await backend.lifecycle.remove(agent.name)
    await backend.lifecycle.create(spec)
    const facts = await backend.lifecycle.start(agent.name)
    await started(agent, facts, false)
    await openDoor(agent, backend)
  }

  function started(agent: Agent, facts: PodFacts, behindOurBack: boolean): Promise<unknown> {
    const { isolation, enforces } = parts.reportOf(agent)
    const unenforced = Object.entries(enforces).filter(([, yes]) => !yes).map(([what]) => what)
    return say({ type: 'agent.started', ...about(agent.name), body: { podId: facts.id, isolation, unenforced, behindOurBack } })
  }

  /** A running pod that we did not start just now: ours from before a restart, or changed behind our back. */
  async function adopt(agent: Agent, facts: PodFacts): Promise<void> {
    const { specHash, drift } = await parts.charter(agent)
    const actual = facts.labels['clawdeck.spec'] ?? ''
    const wrong: Drift[] = actual === specHash ? drift : [...drift, { what: 'spec', from: specHash, to: actual === '' ? 'no label' : actual }]
    if (wrong.length > 0) {
      await quieten(agent.name, 'the agent is not what was locked')
      if (agent.phase !== 'drifted') await say({ type: 'agent.drifted', ...about(agent.name), body: { drift: wrong } })
      return
    }
    if (agent.phase !== 'up' || agent.podId !== facts.id) await started(agent, facts, agent.phase !== 'starting')
    if (!parts.doors.isOpen(agent.name) || agent.podId !== facts.id) await openDoor(agent, parts.backendOf(agent))
  }

  async function gone(agent: Agent, facts: PodFacts | undefined): Promise<void> {
    const exitCode = facts?.exitCode ?? null
    const note = facts === undefined ? 'the pod was removed behind our back' : exitCode === null ? 'the pod ended' : `the pod ended with exit code ${exitCode}`
    await quieten(agent.name, note)
    await say({ type: agent.phase === 'stopping' ? 'agent.stopped' : 'agent.exited', ...about(agent.name), body: { exitCode, note: agent.phase === 'stopping' ? '' : note } })
  }

  async function bringDown(agent: Agent): Promise<void> {
    await quieten(agent.name, 'the agent was stopped')
    const backend = parts.backendOf(agent)
    if (await backend.lifecycle.inspect(agent.name) !== undefined) await backend.lifecycle.stop(agent.name, GRACE_MS)
    const facts = await backend.lifecycle.inspect(agent.name)
    await say({ type: 'agent.stopped', ...about(agent.name), body: { exitCode: facts?.exitCode ?? null, note: '' } })
  }

  /** Compares one agent's wish with reality, and acts on the difference. */
  async function compare(name: string): Promise<void> {
    const agent = agentOf(name)
    if (agent === undefined) return
    if (agent.phase === 'stopping') {
      await bringDown(agent)
      const now = agentOf(name)
      if (agent.wish !== 'up' || now === undefined) return
      await say({ type: 'agent.start_requested', ...about(name), body: { forced: false } })
      await bringUp(agentOf(name) ?? now)
      return
    }
    const facts = await parts.backendOf(agent).lifecycle.inspect(name)
    if (facts?.state === 'running') await adopt(agent, facts)
    else if (agent.phase === 'starting') await bringUp(agent)
    else if (agent.phase === 'up') await gone(agent, facts)
  }

  async function fail(name: string, thrown: unknown): Promise<Fault> {
    const fault = asFault(thrown)
    if (fault.code === 'bug') parts.log(`defect with ${name}: ${fault.cause instanceof Error ? fault.cause.stack ?? '' : fault.message}`)
    await quieten(name, 'the agent failed')
    const agent = agentOf(name)
    if (agent !== undefined && (agent.phase === 'starting' || agent.phase === 'stopping' || agent.phase === 'up')) await say({ type: 'agent.failed', ...about(name), body: { note: fault.message } })
    return fault
  }

  return {
    serial,
    /** Settles one agent now; rejects with why it could not be. */
    settle: (name: string): Promise<void> => serial(name, () => compare(name).catch(async (thrown: unknown) => { throw await fail(name, thrown) })),
    /** The same, for news from a backend: what goes wrong is journalled and logged. */
    notice(name: string): void { void this.settle(name).catch((thrown: unknown) => { parts.log(`${name}: ${asFault(thrown).message}`) }) },
  }
}

export type Keeper = ReturnType<typeof keeper>
