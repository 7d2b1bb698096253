import type { Deck, DeckParts, RecordServices } from '../../commands/deck.ts'
import { rooms } from '../../commands/registry.ts'
import type { RecordContext } from '../../commands/room.ts'
import { keepExpiry } from '../../domain/approvals/expiry.ts'
import { leaseService } from '../../domain/leases/service.ts'
import { policyService } from '../../domain/policy/service.ts'
import { listTemplates, readTemplate } from '../../domain/templates/catalog.ts'
import type { Execute } from '../execute.ts'
import { composeAgents, composeGovernance } from './agents.ts'
import { composeApprovals } from './approvals.ts'
import { templateFolders, type DeckContext } from './context.ts'
import { composePolicies } from './policies.ts'
import { composeRecord } from './record.ts'
import { composeLearning, composeRules } from './rules.ts'

/** The nouns of a deck: what doors may ask for, but for what only the running supervisor knows. */
export type DeckNouns = Omit<Deck, 'supervisor' | 'watch'>

/** What the running supervisor adds. */
export interface DeckSurroundings {
  /** How guard doors have acts done: possible once the whole deck is there. */
  execute: Execute
  /** Resolves when operators can be answered. */
  served: Promise<void>
  /** Why it ends, once it does. */
  ending: { reason: string }
}

/**
 * Puts the deck together: one journal, and every service on it. Nothing runs yet.
 */
export async function composeDeck(
  context: DeckContext,
  { execute, served, ending }: DeckSurroundings,
) {
  const { home, clock, backends, parts } = context
  const record = await composeRecord(context)
  const { journal, store } = record
  const { file, packs, onChange } = await composePolicies(context, record)
  const leases = leaseService({ journal, store })
  const expiry = keepExpiry({ journal, store, clock })
  parts.defer(() => expiry.close())
  const learning = composeLearning(context, record, served)
  const governance = composeGovernance(context, record)
  const rules = composeRules(context, record, {
    learning,
    policies: file.compiled,
    policiesOf: file.read,
    leases: leases.active,
    standing: governance.standing,
  })
  const policy = policyService({
    journal,
    file,
    look: governance.look,
    get: async (agent) => governance.reader.get(agent),
    report: backends.report,
    leases,
    learned: learning.judge,
    now: clock.now,
  })
  const { guard, approvals } = composeApprovals(context, record, {
    governed: governance.governed.of,
    policies: file.compiled,
    leases: leases.active,
    learning,
    remember: policy.remember,
  })
  // Written down when agents, their doors and shells have come to rest.
  parts.defer(async () => {
    const { reason } = ending
    await journal.append(() => [
      { type: 'supervisor.stopped', actor: 'supervisor', subject: '', body: { reason } },
    ])
  })
  const { agents, look, shells, keep, doors, images } = composeAgents(context, record, {
    governance,
    expiry,
    execute,
    retire: (agent, actor) => [...leases.retire(agent, actor), ...rules.retire(agent, actor)],
  })
  const folders = templateFolders(home)
  const known: Omit<DeckParts, 'supervisor' | 'watch'> = {
    agents: { ...agents, ...look },
    templates: { list: () => listTemplates(folders), show: (name) => readTemplate(folders, name) },
    policy,
    playbooks: rules.playbooks,
    rules: rules.service,
    packs,
    budget: rules.budget,
    approvals,
    leases,
    shells,
    audit: record.audit,
    images,
    guard,
  }
  const nouns: DeckNouns = { ...known, ...(await composeRecords({ journal, store, clock })) }
  return {
    nouns,
    record,
    policies: { file, rows: policy.rows, onChange },
    learning,
    rules,
    keep,
    doors,
    shells,
    agents,
    look,
  }
}

/** The services of nouns that need nothing but the journal. */
async function composeRecords(context: RecordContext): Promise<RecordServices> {
  const all = await Promise.all(rooms.map(({ service }) => service?.(context)))
  return Object.assign({}, ...all) as RecordServices
}

export type ComposedDeck = Awaited<ReturnType<typeof composeDeck>>
