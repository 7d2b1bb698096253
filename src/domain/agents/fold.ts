import type { Rows } from '../../journal/rows.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { EventType } from '../../journal/catalogue.ts'
import type { Agent, AgentPhase } from './types.ts'

type Folds = { [T in EventType]?: (agent: Agent, event: DeckEvent<T>) => Partial<Agent> }

/** A phase that begins with this event. What the phase before had to say is gone with it. */
function phase(to: AgentPhase, event: DeckEvent, more: Partial<Agent> = {}): Partial<Agent> {
  return { phase: to, since: event.at, note: '', exitCode: null, ...more }
}

const folds: Folds = {
  'agent.start_requested': (_, e) => phase('starting', e, { wish: 'up' }),
  'agent.restart_requested': (_, e) => phase('stopping', e, { wish: 'up' }),
  'agent.started': (_, e) =>
    phase('up', e, {
      wish: 'up',
      podId: e.body.podId,
      isolation: e.body.isolation,
      unenforced: e.body.unenforced,
      drift: [],
      note: e.body.behindOurBack ? 'started behind our back' : '',
    }),
  'agent.door_opened': (_, e) => ({ door: e.body.address }),
  'agent.door_closed': () => ({ door: '' }),
  'agent.stop_requested': (_, e) => phase('stopping', e, { wish: 'down' }),
  'agent.stopped': (_, e) =>
    phase('stopped', e, { wish: 'down', door: '', exitCode: e.body.exitCode, note: e.body.note }),
  'agent.exited': (_, e) =>
    phase('exited', e, { wish: 'down', door: '', exitCode: e.body.exitCode, note: e.body.note }),
  'agent.failed': (_, e) => phase('failed', e, { wish: 'down', door: '', note: e.body.note }),
  'agent.drifted': (_, e) => phase('drifted', e, { wish: 'down', door: '', drift: e.body.drift }),
  'agent.relocked': (_, e) => phase('stopped', e, { drift: [], lock: e.body.lock }),
}

/** The agent table. */
export function foldAgents(event: DeckEvent, rows: Rows): void {
  if (event.type === 'agent.created' || event.type === 'agent.restored') {
    rows.put('agent', event.subject, born(event as DeckEvent<'agent.created'>))
    return
  }
  if (event.type === 'agent.deleted') {
    rows.drop('agent', event.subject)
    return
  }
  const waiting = WAITING[event.type]
  const fold = folds[event.type] as ((agent: Agent, event: DeckEvent) => Partial<Agent>) | undefined
  if (fold === undefined && waiting === undefined) return
  const agent = rows.get<Agent>('agent', event.subject)
  if (agent === undefined) return
  rows.put('agent', agent.name, {
    ...agent,
    ...fold?.(agent, event),
    asking: Math.max(0, agent.asking + (waiting ?? 0)),
  })
}

const WAITING: { [T in EventType]?: number } = {
  'approval.requested': 1,
  'approval.decided': -1,
  'approval.expired': -1,
}

function born(event: DeckEvent<'agent.created'>): Agent {
  return {
    name: event.subject,
    template: event.body.template,
    backend: event.body.backend,
    isolation: event.body.isolation,
    unenforced: event.body.unenforced,
    lock: event.body.lock,
    wish: 'down',
    phase: 'created',
    since: event.at,
    podId: '',
    exitCode: null,
    note: '',
    drift: [],
    door: '',
    createdAt: event.at,
    asking: 0,
  }
}
