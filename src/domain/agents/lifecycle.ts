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
import { agentCan, unenforcedLimits } from './rules.ts'
import type { AgentReader } from './read.ts'
import type { Agent, AgentService } from './types.ts'

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
  /** Brings an agent into the state that is wanted. Rejects with why that failed. */
  reconcile: (agent: string) => Promise<void>
  /** Runs work while nothing else happens to the agent. */
  exclusively: <T>(agent: string, work: () => Promise<T>) => Promise<T>
  drift: (agent: Agent) => Promise<Drift[]>
  /** Events that end what belongs to an agent, so that another of its name inherits nothing. */
  retire: (agent: string, actor: string) => Draft[]
}

/** Starts and stops agents: the wanted state is journalled first, then the agent is reconciled. */
export function agentLifecycle(
  parts: AgentParts,
): Pick<AgentService, 'start' | 'stop' | 'restart'> {
  const { journal, reader } = parts

  async function start(name: string, force: boolean, actor: string): Promise<Agent> {
    refuse(agentCan.start(reader.get(name)))
    requireReady(parts.report(reader.get(name).backend))
    await parts.exclusively(name, async () => {
      const agent = reader.get(name)
      refuse(agentCan.start(agent))
      if (force) await relockIfDrifted(parts, agent, actor)
      else await refuseDrift(parts, agent, actor)
      await journal.append(() => [
        { type: 'agent.start_requested', actor, subject: name, body: { forced: force } },
      ])
    })
    await parts.reconcile(name)
    return requireUp(reader.get(name))
  }

  return {
    start,
    async stop(name, actor) {
      await journal.append(() => {
        refuse(agentCan.stop(reader.get(name)))
        return [{ type: 'agent.stop_requested', actor, subject: name, body: {} }]
      })
      await parts.reconcile(name)
      return reader.get(name)
    },
    async restart(name, actor) {
      const agent = reader.get(name)
      refuse(agentCan.restart(agent))
      if (agent.phase !== 'up') return start(name, false, actor)
      await refuseDrift(parts, agent, actor)
      await journal.append(() => [
        { type: 'agent.restart_requested', actor, subject: name, body: {} },
      ])
      await parts.reconcile(name)
      return requireUp(reader.get(name))
    },
  }
}

/** Fault `drift` for an agent that is not what was locked. */
async function refuseDrift(parts: AgentParts, agent: Agent, actor: string): Promise<void> {
  const drift = await parts.drift(agent)
  if (drift.length === 0) return
  // The running pod is still what was locked: the agent has not drifted, only its folder has.
  if (agent.phase !== 'up')
    await parts.journal.append(() => [
      { type: 'agent.drifted', actor, subject: agent.name, body: { drift } },
    ])
  throw driftFault(agent.name, drift)
}

async function relockIfDrifted(parts: AgentParts, agent: Agent, actor: string): Promise<void> {
  const drift = await parts.drift(agent)
  if (drift.length === 0) return
  const folder = parts.home.agent(agent.name)
  const { lock } = await relock(folder, {
    agent: agent.name,
    imageDigest: await digestOf(parts, await readSnapshot(folder), agent.backend),
    key: parts.key,
    now: parts.clock.now(),
  })
  await parts.journal.append(() => [
    { type: 'agent.relocked', actor, subject: agent.name, body: { drift, lock: hashOf(lock) } },
  ])
}

/** Faults: `drift`, `backend.failed`. */
function requireUp(agent: Agent): Agent {
  if (agent.phase === 'up') return agent
  if (agent.phase === 'drifted') throw driftFault(agent.name, agent.drift)
  throw new Fault(
    'backend.failed',
    `${agent.name} did not stay up: it is ${agent.phase}${agent.note === '' ? '' : ` (${agent.note})`}`,
    { hint: `clawdeck logs ${agent.name}` },
  )
}

function driftFault(name: string, drift: readonly Drift[]): Fault {
  const changes = drift.map(({ what, from, to }) => `${what} from ${from} to ${to}`).join('; ')
  return new Fault('drift', `${name} is not what was locked: ${changes}`, {
    hint: `If you changed it: clawdeck start ${name} --force (locks and signs it again). If you did not: clawdeck inspect ${name}`,
  })
}

/** Where an agent of this backend runs, and which limits cannot be enforced there. */
export function placementOn(
  parts: Pick<AgentParts, 'report'>,
  kind: BackendKind,
): { backend: BackendKind; isolation: Isolation; unenforced: string[] } {
  const report = parts.report(kind)
  const { isolation } = report
  return { backend: kind, isolation, unenforced: unenforcedLimits(report) }
}

/** Fault `backend.unavailable`, with its fix. */
export function requireReady(report: BackendReport): void {
  if (report.ready) return
  const problem = report.problems[0]
  throw new Fault(
    'backend.unavailable',
    `${report.kind} is not available here: ${problem?.what ?? 'unknown reason'}`,
    { hint: problem?.fix ?? '`clawdeck doctor` shows more.' },
  )
}

/** Digest of a template's image; '' where the backend has no images. Fault `image.missing`. */
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

function refuse(reason: string | undefined): void {
  if (reason !== undefined) throw new Fault('not.possible', reason)
}
