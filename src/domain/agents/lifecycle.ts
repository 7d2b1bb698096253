import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { Home } from '../../config/home.ts'
import type { HostKey } from '../../base/signing.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Draft } from '../../journal/types.ts'
import type { Backend, BackendKind, BackendReport, Isolation } from '../../ports/pods.ts'
import type { Store } from '../../store/open.ts'
import type { TemplateFolder } from '../templates/catalog.ts'
import { readSnapshot, relock } from '../templates/folder.ts'
import { hashOf } from '../templates/lock.ts'
import type { Drift, Template } from '../templates/types.ts'
import { agentCan, unenforced } from './rules.ts'
import type { AgentReader } from './read.ts'
import type { Agent } from './types.ts'

export interface AgentParts {
  home: Home
  journal: Journal
  store: Store
  reader: AgentReader
  clock: Clock
  key: HostKey
  folders: readonly TemplateFolder[]
  backend: (kind: BackendKind) => Backend
  report: (kind: BackendKind) => BackendReport
  preferred: () => BackendKind
  /** Compares an agent with reality and acts; rejects with why that failed. */
  settle: (agent: string) => Promise<void>
  /** Nothing else happens to the agent meanwhile. */
  alone: <T>(agent: string, work: () => Promise<T>) => Promise<T>
  drift: (agent: Agent) => Promise<Drift[]>
  /** What must end with an agent, so that another of its name inherits nothing. */
  retire: (agent: string, actor: string) => Draft[]
}

/** Starting and stopping: the wish is journalled, then reality is made to follow. */
export function runService(parts: AgentParts) {
  const {
    home,
    journal,
    key,
    clock,
    reader: { get },
  } = parts

  async function checkLock(agent: Agent, force: boolean, actor: string): Promise<void> {
    const drift = await parts.drift(agent)
    if (drift.length === 0) return
    // A pod that runs is still what was locked: refusing to replace it is no reason to call it drifted.
    if (!force && agent.phase === 'up') throw driftFault(agent.name, drift)
    if (!force) {
      await journal.append(() => [
        { type: 'agent.drifted', actor, subject: agent.name, body: { drift } },
      ])
      throw driftFault(agent.name, drift)
    }
    const folder = home.agent(agent.name)
    const { lock } = await relock(folder, {
      agent: agent.name,
      imageDigest: await digestOf(parts, await readSnapshot(folder), agent.backend),
      key,
      now: clock.now(),
    })
    await journal.append(() => [
      { type: 'agent.relocked', actor, subject: agent.name, body: { drift, lock: hashOf(lock) } },
    ])
  }

  async function start(name: string, force: boolean, actor: string): Promise<Agent> {
    possible(agentCan.start(get(name)))
    ready(parts.report(get(name).backend))
    await parts.alone(name, async () => {
      const agent = get(name)
      possible(agentCan.start(agent))
      await checkLock(agent, force, actor)
      await journal.append(() => [
        { type: 'agent.start_requested', actor, subject: name, body: { forced: force } },
      ])
    })
    await parts.settle(name)
    return upNow(get(name))
  }

  return {
    start,
    async stop(name: string, actor: string): Promise<Agent> {
      await journal.append(() => {
        possible(agentCan.stop(get(name)))
        return [{ type: 'agent.stop_requested', actor, subject: name, body: {} }]
      })
      await parts.settle(name)
      return get(name)
    },
    async restart(name: string, actor: string): Promise<Agent> {
      const agent = get(name)
      possible(agentCan.restart(agent))
      if (agent.phase !== 'up') return start(name, false, actor)
      await checkLock(agent, false, actor)
      await journal.append(() => [
        { type: 'agent.restart_requested', actor, subject: name, body: {} },
      ])
      await parts.settle(name)
      return upNow(get(name))
    },
  }
}

/** The agent, when it is what was asked for. Faults: `drift`, `backend.failed`. */
function upNow(agent: Agent): Agent {
  if (agent.phase === 'up') return agent
  if (agent.phase === 'drifted') throw driftFault(agent.name, agent.drift)
  throw new Fault(
    'backend.failed',
    `${agent.name} did not stay up: it is ${agent.phase}${agent.note === '' ? '' : ` (${agent.note})`}`,
    { hint: `clawdeck logs ${agent.name}` },
  )
}

function driftFault(name: string, drift: readonly Drift[]): Fault {
  return new Fault(
    'drift',
    `${name} is not what was locked: ${drift.map((d) => `${d.what} from ${d.from} to ${d.to}`).join('; ')}`,
    {
      hint: `If you changed it: clawdeck start ${name} --force (re-locks and re-signs). If you did not: clawdeck inspect ${name}`,
    },
  )
}

/** Where an agent of this backend runs, and what of its spec cannot be held there. */
export function placed(
  parts: Pick<AgentParts, 'report'>,
  kind: BackendKind,
): { backend: BackendKind; isolation: Isolation; unenforced: string[] } {
  const report = parts.report(kind)
  return { backend: kind, isolation: report.isolation, unenforced: unenforced(report.enforces) }
}

/** Fault `backend.unavailable`, with its fix. */
export function ready(report: BackendReport): void {
  if (report.ready) return
  const problem = report.problems[0]
  throw new Fault(
    'backend.unavailable',
    `${report.kind} is not available here: ${problem?.what ?? 'unknown reason'}`,
    { hint: problem?.fix ?? '`clawdeck doctor` looks closer.' },
  )
}

/** Content id of a template's image; '' where the backend has no images. Fault `image.missing`. */
export async function digestOf(
  parts: Pick<AgentParts, 'backend'>,
  template: Template,
  kind: BackendKind,
): Promise<string> {
  const { images } = parts.backend(kind)
  if (images === undefined) return ''
  const digest = await images.digest(template.image)
  if (digest === undefined)
    throw new Fault('image.missing', `the image ${template.image} is not here`, {
      hint: 'Build it: clawdeck image build',
    })
  return digest
}

function possible(reason: string | undefined): void {
  if (reason !== undefined) throw new Fault('not.possible', reason)
}
