import { body, noun, type BodiesOf, type Folds } from '../../journal/noun.ts'
import type { Rows } from '../../journal/tables/rows.ts'
import type { DeckEvent, EventType } from '../../journal/types.ts'
import type { BackendKind, Isolation } from '../../ports/pods.ts'
import { operatorOf } from '../operators/rules.ts'
import { FLEET, type Freeze, type FrozenAgent } from './freezing/types.ts'
import type { Drift } from '../templates/types.ts'
import type { Agent, AgentPhase } from './types.ts'

type Empty = Record<string, never>

/** What an agent is made or restored with. */
interface Origin {
  template: string
  backend: BackendKind
  isolation: Isolation
  unenforced: string[]
  lock: string
}

const events = {
  'agent.created': body<Origin>(),
  'agent.start_requested': body<{ forced: boolean }>(),
  'agent.restart_requested': body<Empty>(),
  'agent.started': body<{
    podId: string
    isolation: Isolation
    unenforced: string[]
    behindOurBack: boolean
  }>(),
  'agent.door_opened': body<{ address: string }>(),
  'agent.stop_requested': body<Empty>(),
  'agent.stopped': body<{ exitCode: number | null; note: string }>(),
  'agent.exited': body<{ exitCode: number | null; note: string }>(),
  'agent.failed': body<{ note: string }>(),
  'agent.drifted': body<{ drift: Drift[] }>(),
  'agent.relocked': body<{ drift: Drift[]; lock: string }>(),
  'agent.deleted': body<{ trash: string; lock: string }>(),
  'agent.restored': body<Origin>(),
  'agent.command_run': body<{ argv: string[] }>(),
  'image.built': body<{ tag: string; digest: string; base: string }>(),
}

declare module '../../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof events> {}
  interface MirroredRows {
    agent: Agent
  }
}

/** What each event changes of an agent's row. */
type Changes = { [T in EventType]?: (event: DeckEvent<T>) => Partial<Agent> }

/** A phase that begins with this event, without the note and exit code of the one before. */
function phase(to: AgentPhase, event: DeckEvent, more: Partial<Agent> = {}): Partial<Agent> {
  return { phase: to, since: event.at, note: '', exitCode: null, ...more }
}

/** Who started it; nothing new if the supervisor carries out what somebody wanted. */
function startedBy({ actor }: DeckEvent): Partial<Agent> {
  const operator = operatorOf(actor)
  return operator === undefined ? {} : { startedBy: operator }
}

const changes: Changes = {
  'agent.start_requested': (e) => phase('starting', e, { wish: 'up', ...startedBy(e) }),
  'agent.restart_requested': (e) => phase('stopping', e, { wish: 'up', ...startedBy(e) }),
  'agent.started': (e) =>
    phase('up', e, {
      wish: 'up',
      podId: e.body.podId,
      isolation: e.body.isolation,
      unenforced: e.body.unenforced,
      drift: [],
      note: e.body.behindOurBack ? 'started outside of the deck' : '',
    }),
  'agent.door_opened': (e) => ({ door: e.body.address }),
  'agent.stop_requested': (e) => phase('stopping', e, { wish: 'down' }),
  'agent.stopped': (e) =>
    phase('stopped', e, {
      wish: 'down',
      door: '',
      exitCode: e.body.exitCode,
      note: e.body.note,
    }),
  'agent.exited': (e) =>
    phase('exited', e, { wish: 'down', door: '', exitCode: e.body.exitCode, note: e.body.note }),
  'agent.failed': (e) => phase('failed', e, { wish: 'down', door: '', note: e.body.note }),
  'agent.drifted': (e) => phase('drifted', e, { wish: 'down', door: '', drift: e.body.drift }),
  'agent.relocked': (e) => phase('stopped', e, { drift: [], lock: e.body.lock }),
}

/** Everything that freezing changes of an agent's row. */
const frozenFolds: Folds = {
  'agent.frozen': (event, rows) => {
    const { why, withFleet, since = event.at } = event.body
    withRow(event, rows, (agent) => {
      const frozen = frozenNow(agent, { at: since, by: event.actor, why, withFleet })
      return { ...without(agent, 'thawing'), frozen }
    })
  },
  'agent.paused': (event, rows) => held(event, rows, { held: true, problem: '' }),
  'agent.pause_failed': (event, rows) =>
    held(event, rows, { held: false, problem: event.body.why }),
  'agent.thawed': (event, rows) =>
    withRow(event, rows, (agent) => {
      const now = without(agent, 'frozen')
      return now.phase === 'up' ? { ...now, thawing: true } : now
    }),
  'agent.resumed': (event, rows) => withRow(event, rows, (agent) => without(agent, 'thawing')),
  'agent.resume_failed': (event, rows) =>
    withRow(event, rows, (agent) => ({ ...agent, note: event.body.why })),
}

function without(agent: Agent, key: 'frozen' | 'thawing'): Agent {
  const now = { ...agent }
  delete now[key]
  return now
}

/** A pod that does not run is held already. */
function frozenNow(
  { phase: now, isolation }: Agent,
  frozen: Omit<FrozenAgent, 'held' | 'problem'>,
): FrozenAgent {
  const hasPod = isolation !== 'elsewhere' && (now === 'up' || now === 'starting')
  return { ...frozen, held: !hasPod, problem: '' }
}

function held(event: DeckEvent, rows: Rows, change: Pick<FrozenAgent, 'held' | 'problem'>): void {
  withRow(event, rows, (agent) =>
    agent.frozen === undefined ? agent : { ...agent, frozen: { ...agent.frozen, ...change } },
  )
}

function withRow({ subject }: DeckEvent, rows: Rows, change: (agent: Agent) => Agent): void {
  const agent = rows.get<Agent>('agent', subject)
  if (agent !== undefined) rows.put('agent', subject, change(agent))
}

function changed(event: DeckEvent, rows: Rows): void {
  const agent = rows.get<Agent>('agent', event.subject)
  const change = changes[event.type] as ((event: DeckEvent) => Partial<Agent>) | undefined
  if (agent === undefined) return
  const now = { ...agent, ...change?.(event) }
  // What does not run has nothing to go on with.
  if (now.phase !== 'up') delete now.thawing
  rows.put('agent', agent.name, now)
}

function added(event: DeckEvent<'agent.created' | 'agent.restored'>, rows: Rows): void {
  const { template, backend, isolation, unenforced, lock } = event.body
  const fleet = rows.get<Freeze>('freeze', FLEET)
  const agent: Agent = {
    name: event.subject,
    template,
    backend,
    isolation,
    unenforced,
    lock,
    wish: 'down',
    phase: 'created',
    since: event.at,
    podId: '',
    exitCode: null,
    note: '',
    drift: [],
    door: '',
    createdAt: event.at,
    startedBy: operatorOf(event.actor) ?? '',
    asking: 0,
    // In a frozen fleet, new agents are frozen too.
    ...(fleet === undefined ? {} : { frozen: { ...frozenWith(fleet), held: true, problem: '' } }),
  }
  rows.put('agent', agent.name, agent)
}

function frozenWith({ at, by, why }: Freeze): Omit<FrozenAgent, 'held' | 'problem'> {
  return { at, by, why, withFleet: true }
}

/** Changes how many approvals of an agent wait. For the fold of approvals. */
export function countWaiting(rows: Rows, name: string, by: 1 | -1): void {
  const agent = rows.get<Agent>('agent', name)
  if (agent !== undefined)
    rows.put('agent', name, { ...agent, asking: Math.max(0, agent.asking + by) })
}

/** A named, governed worker. */
export const agentNoun = noun({
  name: 'agent',
  columns: { startedBy: { path: 'startedBy', type: 'TEXT' } },
  events,
  folds: {
    'agent.created': added,
    'agent.restored': added,
    'agent.deleted': (event, rows) => rows.drop('agent', event.subject),
    ...frozenFolds,
    ...(Object.fromEntries(Object.keys(changes).map((type) => [type, changed])) as Folds),
  },
  mirror: ['ORDER BY id'],
  agentOf: ({ name }: Agent) => name,
})
