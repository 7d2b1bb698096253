import { userInfo } from 'node:os'
import type { Deck, DeckParts, RecordServices } from '../../commands/deck.ts'
import { rooms } from '../../commands/registry.ts'
import type { RecordContext } from '../../commands/room.ts'
import { AgentKeys } from '../../domain/agents/keys/service.ts'
import { operatorId } from '../../domain/operators/rules.ts'
import { Doors } from '../../domain/doors/service.ts'
import type { SwitchedDoor } from '../../domain/doors/types.ts'
import { egressService, type GatesInUse } from '../../domain/egress/service.ts'
import { openOperators } from '../../domain/operators/service.ts'
import { listTemplates, readTemplate } from '../../domain/templates/catalog.ts'
import type { Templates } from '../../domain/templates/types.ts'
import type { Execute } from '../execute.ts'
import { composeAbsence } from './absence.ts'
import { composeAgents, composeBounds } from './agents.ts'
import { templateFolders, type DeckContext } from './context.ts'
import { composeFreezing } from './freezing.ts'
import { composeDecisions } from './decisions.ts'
import { composePairing } from './pairing.ts'
import { composeRecord, type DeckRecord } from './record.ts'
import { composeWord } from './word.ts'

/** The services of a deck, without those that only the running supervisor has. */
type DeckServices = Omit<Deck, 'supervisor' | 'chat' | 'watch' | 'governance'>

/** What the running supervisor adds. */
export interface DeckSurroundings {
  /** How guard doors run acts: possible once the whole deck is composed. */
  execute: Execute
  /** Resolves when operators can be answered. */
  served: Promise<void>
  /** Why the supervisor stops, once it does. */
  ending: { reason: string }
  /** The bot that people reach the deck by, once it is known. */
  botName: () => string | undefined
}

/** Puts the deck together: one journal, and every service on it. Nothing runs yet. */
export async function composeDeck(
  context: DeckContext,
  { execute, served, ending, botName }: DeckSurroundings,
) {
  const record = await composeRecord(context)
  const waysIn = await composeWaysIn(context, record, botName)
  const { operators, access, agentKeys } = waysIn
  const bounds = composeBounds(context, record)
  const freezing = await composeFreezing(context, record, bounds)
  const asked = { bounds, freezing, served, operators }
  const decisions = await composeDecisions(context, record, asked)
  const { policies, leases, expiry, learning, rules } = decisions
  journalStop(context, record, ending)
  record.acceptance.endWith((since, actor) => [
    ...leases.retireBefore(since, actor),
    ...rules.retireBefore(since, actor),
  ])
  await record.losses.record(() => expiry.endings('events of the journal are lost: ask again'))
  const word = await composeWord(context, record, { operators, served })
  const attendance = composeAbsence(context, record, { operators, freezing, served })
  const agents = composeAgents(context, record, {
    bounds,
    expiry,
    freezing,
    execute,
    policies: () => policies.file.compiled(),
    retire: (agent, actor) => [agentKeys, leases, rules].flatMap((of) => of.retire(agent, actor)),
  })
  const known: Omit<DeckParts, 'supervisor' | 'chat' | 'watch' | 'governance'> = {
    operators,
    access,
    agentKeys,
    doors: waysIn.switched,
    agents: agents.agents,
    freezing,
    egress: composeEgress(record, agents.gates, decisions),
    images: agents.images,
    shells: agents.shells,
    templates: composeTemplates(context),
    policy: decisions.policy,
    packs: decisions.packs,
    guard: decisions.guard,
    approvals: decisions.approvals,
    onlookers: decisions.onlookers,
    leases,
    rules: rules.service,
    playbooks: rules.playbooks,
    budget: rules.budget,
    audit: record.audit,
    webhooks: word.webhooks,
  }
  const { journal, store } = record
  const ofRooms = await composeRoomServices({ journal, store, clock: context.clock })
  const services: DeckServices = { ...known, ...ofRooms }
  const { alerts } = word
  const { onlookers, guard: guardService } = decisions
  const people = { ...waysIn, alerts, onlookers, guardService }
  return { ...agents, ...people, freezing, attendance, services, record, policies, learning, rules }
}

function composeEgress(
  record: DeckRecord,
  gates: GatesInUse,
  { policies, policy }: Awaited<ReturnType<typeof composeDecisions>>,
) {
  const inForce = () => policies.file.current().policies
  return egressService({ ...record, gates, policies: inForce, addPolicy: policy.add })
}

/** Who may come in, and by what. */
async function composeWaysIn(
  context: DeckContext,
  record: DeckRecord,
  botName: () => string | undefined,
) {
  const { clock, log, parts } = context
  const { journal, store } = record
  const operators = await composeOperators(context, record)
  const { distrust } = operators
  const switched = parts.use(new Doors(journal, log))
  const addressOf = (id: SwitchedDoor) => switched.addressOf(id)
  const agentKeys = new AgentKeys({ journal, store, clock, cutOff: distrust })
  const reach = { distrust, addressOf, botName, agentKeys }
  const access = await composePairing(context, record, reach)
  return { operators, access, switched, agentKeys }
}

/** Journals why the supervisor stopped, after agents, their doors and shells have ended. */
function journalStop(
  { parts }: DeckContext,
  { journal }: { journal: RecordContext['journal'] },
  ending: { reason: string },
): void {
  parts.defer(async () => {
    const { reason } = ending
    await journal.append(() => [
      { type: 'supervisor.stopped', actor: 'supervisor', subject: '', body: { reason } },
    ])
  })
}

function composeOperators({ env, clock, log }: DeckContext, { journal, store }: DeckRecord) {
  const account = env['USER'] ?? env['LOGNAME'] ?? userInfo().username
  return openOperators({ journal, store, clock, problem: log }, operatorId(account))
}

function composeTemplates({ home }: DeckContext): Templates {
  const folders = templateFolders(home)
  return { list: () => listTemplates(folders), show: (name) => readTemplate(folders, name) }
}

/** The services that rooms make by themselves: they need nothing but the journal. */
async function composeRoomServices(context: RecordContext): Promise<RecordServices> {
  const all = await Promise.all(rooms.map(({ service }) => service?.(context)))
  return Object.assign({}, ...all) as RecordServices
}

export type ComposedDeck = Awaited<ReturnType<typeof composeDeck>>
