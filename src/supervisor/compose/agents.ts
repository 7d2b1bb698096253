import { asFault } from '../../base/fault.ts'
import { effectiveBoundsReader } from '../../domain/agents/effective-bounds.ts'
import type { Freezing } from '../../domain/agents/freezing/service.ts'
import { FLEET } from '../../domain/agents/freezing/types.ts'
import { GuardedAgents } from '../../domain/agents/guarded-agents.ts'
import { imageService } from '../../domain/agents/images.ts'
import { LaunchSpecs } from '../../domain/agents/launch-specs.ts'
import { checkLock } from '../../domain/agents/lock-check.ts'
import { agentReader } from '../../domain/agents/read.ts'
import { agentService } from '../../domain/agents/service.ts'
import { trashStrayFolders } from '../../domain/agents/stray-folders.ts'
import type { Agent } from '../../domain/agents/types.ts'
import type { Expiry } from '../../domain/approvals/expiry.ts'
import { API_EFFECTIVE, isApiAgent } from '../../domain/governance/agents/rules.ts'
import { ShellService } from '../../domain/shells/service.ts'
import type { Draft } from '../../journal/types.ts'
import type { Execute } from '../execute.ts'
import type { CompiledPolicies } from '../../domain/policy/matching/compiled.ts'
import { Descriptors } from '../descriptors.ts'
import { doorsWithGates, gateActs } from '../egress/doors.ts'
import { Gates } from '../egress/gates.ts'
import { GuardDoors } from '../guard-doors.ts'
import { Reconciler } from '../reconcile/reconciler.ts'
import { templateFolders, type DeckContext } from './context.ts'
import type { DeckRecord } from './record.ts'

/** What is known of agents and their locks, and which of them the guard answers. */
export function composeBounds({ home, key, backends }: DeckContext, record: DeckRecord) {
  const { journal, store } = record
  const guarded = new GuardedAgents(home, key)
  const check = (agent: Agent) => checkLock({ home, key, backend: backends.of }, agent)
  const boundsOf = (agent: string) => guarded.boundsOf(agent)
  const ofLocked = effectiveBoundsReader({
    home,
    key,
    journal,
    store,
    folders: templateFolders(home),
    guarded: boundsOf,
  })
  return {
    reader: agentReader(record),
    checkLock: check,
    launchSpecs: new LaunchSpecs({ home, checkLock: check }),
    guarded,
    boundsOf,
    effectiveBounds: async (agent: string) => (isApiAgent(agent) ? API_EFFECTIVE : ofLocked(agent)),
  }
}

export type ComposedBounds = ReturnType<typeof composeBounds>

interface AgentContext {
  bounds: ComposedBounds
  expiry: Expiry
  freezing: Freezing
  /** How guard doors and gates run acts. */
  execute: Execute
  policies: () => CompiledPolicies
  /** Events that end what belongs to an agent, besides its pod. */
  retire: (agent: string, actor: string) => Draft[]
}

/** Agents with their pods, guard doors and shells, and the reconciler that keeps them in order. */
export function composeAgents(
  context: DeckContext,
  record: DeckRecord,
  { bounds, expiry, freezing, execute, policies, retire }: AgentContext,
) {
  const { home, key, backends, log, clock, parts } = context
  const { journal, store } = record
  const { reader, checkLock: check, launchSpecs, guarded } = bounds
  const around = { bounds, freezing, execute, policies }
  const { doors, gates, ofPods } = composeDoors(context, record, around)
  const shells = composeShells(context, record)
  const reconciler = parts.use(
    new Reconciler({
      journal,
      expiry,
      freezing,
      doors: ofPods,
      shells,
      log,
      launchSpecs,
      guarded,
      backendOf: ({ backend }) => backends.of(backend),
      reportOf: ({ backend }) => backends.report(backend),
      doorPath: (name) => home.agent(name).door,
    }),
  )
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
    reconcile: reconciler.reconcile,
    exclusively: reconciler.exclusively,
    drift: (agent) => launchSpecs.drift(agent),
    checkLock: check,
    retire,
  })
  return {
    doors,
    gates,
    shells,
    reconciler,
    agents,
    images: imageService(journal, backends),
    /** To be called once at the start, before anything happens to agents. */
    trashStrayFolders: () =>
      trashStrayFolders(home, new Set(reader.list().map(({ name }) => name)), clock.now()),
  }
}

/** What agents' pods reach the deck by: guard doors, and gates. */
function composeDoors(
  { home, clock, turns, log, parts }: DeckContext,
  { journal }: DeckRecord,
  { bounds, freezing, execute, policies }: Omit<AgentContext, 'expiry' | 'retire'>,
) {
  const descriptors = new Descriptors()
  const doors = parts.use(new GuardDoors(execute, turns, descriptors))
  const { boundsOf } = bounds
  const around = { journal, clock, turns, descriptors, policies, boundsOf, log }
  const gates = parts.use(new Gates({ ...around, ...gateActs(execute) }))
  // What is under way goes no further; the pod is paused after this.
  const cut = freezing.onChange(({ agent, frozen }) => {
    if (frozen) gates.cut((flow) => agent === FLEET || flow.agent === agent)
  })
  parts.defer(cut)
  return { doors, gates, ofPods: doorsWithGates(doors, gates, (name) => home.agent(name).gate) }
}

function composeShells(
  { backends, parts, log }: DeckContext,
  { journal, store }: DeckRecord,
): ShellService {
  const shells = parts.use(
    new ShellService({
      journal,
      store,
      terminals: ({ backend }) => backends.of(backend).terminals,
      hold: async (terminal, size) =>
        (await import('../../domain/shells/held-terminal.ts')).holdTerminal(terminal, size),
    }),
  )
  // Once the pod goes on, what shells of an earlier supervisor left in it can end.
  parts.defer(
    journal.follow(({ events }) => {
      if (events.some(({ type }) => type === 'agent.resumed'))
        shells.reapOrphans().catch((thrown: unknown) => log(asFault(thrown).message))
    }),
  )
  return shells
}
