import { effectiveBoundsReader } from '../../domain/agents/effective-bounds.ts'
import { governance } from '../../domain/agents/governed.ts'
import { imageService } from '../../domain/agents/images.ts'
import { agentView } from '../../domain/agents/view.ts'
import { agentReader } from '../../domain/agents/read.ts'
import { agentService } from '../../domain/agents/service.ts'
import type { Expiry } from '../../domain/approvals/expiry.ts'
import { ShellService } from '../../domain/shells/service.ts'
import type { Draft } from '../../journal/types.ts'
import type { Execute } from '../execute.ts'
import { guardDoors } from '../guard-doors.ts'
import { Reconciler } from '../reconcile/reconciler.ts'
import { templateFolders, type DeckContext } from './context.ts'
import type { DeckRecord } from './record.ts'

/** What is known and proven of agents: their bounds, as far as the guard may answer for them. */
export function composeGovernance({ home, key, backends }: DeckContext, record: DeckRecord) {
  const { journal, store } = record
  const reader = agentReader(record)
  const look = agentView({ home, journal, key, backend: backends.of, reader })
  const governed = governance({ home, key, look: () => look })
  const standing = effectiveBoundsReader({
    home,
    key,
    journal,
    store,
    folders: templateFolders(home),
    governed: governed.of,
  })
  return { reader, look, governed, standing }
}

interface AgentContext {
  governance: ReturnType<typeof composeGovernance>
  expiry: Expiry
  /** How guard doors have acts done. */
  execute: Execute
  /** What ends with an agent, besides its pod. */
  retire: (agent: string, actor: string) => Draft[]
}

/** The life of agents: their pods, guard doors and shells, and what brings these in line with what is wanted. */
export function composeAgents(
  context: DeckContext,
  record: DeckRecord,
  { governance: { reader, governed, look }, expiry, execute, retire }: AgentContext,
) {
  const { home, key, backends, log, clock, parts } = context
  const { journal, store } = record
  const doors = guardDoors(execute)
  parts.defer(() => doors.closeAll())
  const shells = new ShellService({
    journal,
    store,
    terminals: (agent) => backends.of(agent.backend).terminals,
    hold: async (terminal, size) =>
      (await import('../../domain/shells/held-terminal.ts')).holdTerminal(terminal, size),
  })
  parts.use(shells)
  const keep = new Reconciler({
    journal,
    expiry,
    doors,
    log,
    backendOf: (a) => backends.of(a.backend),
    reportOf: (a) => backends.report(a.backend),
    charter: governed.charter,
    checked: governed.checked,
    govern: governed.govern,
    untouched: governed.untouched,
    doorPath: (name) => home.agent(name).door,
    shells: () => shells,
  })
  parts.defer(() => keep.close())
  const agents = agentService({
    home,
    journal,
    store,
    reader,
    clock,
    key,
    folders: templateFolders(home),
    backend: backends.of,
    report: backends.report,
    preferred: backends.preferred,
    settle: keep.settle,
    alone: keep.alone,
    drift: governed.drift,
    retire,
  })
  return { doors, shells, keep, agents, look, images: imageService(journal, backends) }
}
