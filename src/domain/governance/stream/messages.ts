import type { Rows } from '../../../journal/tables/rows.ts'
import type { DeckEvent, EventType } from '../../../journal/types.ts'
import type { ApiAgent } from '../agents/types.ts'
import { ledgerId, type HeldAction } from '../ledger/noun.ts'
import type { LedgerEntry } from '../ledger/types.ts'
import { decisionName, recordId } from '../records/noun.ts'
import type { RecordData, RecordRow } from '../records/types.ts'

/** Something that clients of an organisation are told: its subject, without an envelope. */
export interface StreamMessage {
  org: string
  name: string
  data: unknown
}

type Message = StreamMessage | undefined
type Told<T extends EventType> = (event: DeckEvent<T>, rows: Rows) => Message | Message[]

/** What clients are told of an event: subjects as they are now. */
const TOLD: { [T in EventType]?: Told<T> } = {
  'ledger.recorded': ({ body: { org, action, decision } }, rows) => [
    decision && recordMessage(decisionName(org, decision), decision, null),
    actionOf(rows, { org, id: action.action_id }, 'action.created'),
  ],
  'ledger.reported': ({ body: { org, id } }, rows) => actionOf(rows, { org, id }, 'action.updated'),
  'approval.decided': ({ body: { id } }, rows) => heldOf(rows, id),
  'approval.expired': ({ body: { id } }, rows) => heldOf(rows, id),
  'record.made': ({ body: { data, ...name } }) => recordMessage(name, data, null),
  'record.changed': ({ body: { change, ...name } }, rows) => {
    const row = rows.get<RecordRow>('record', recordId(name))
    return row === undefined ? undefined : recordMessage(name, row.data, change)
  },
  'record.removed': ({ body: { org, kind, key } }) =>
    kind === 'policy'
      ? { org, name: 'policy.updated', data: { policy_id: key, change_type: 'deleted' } }
      : undefined,
  'api_agent.beat': ({ subject, at, body: { status, task } }, rows) => {
    const agent = rows.get<ApiAgent>('api_agent', subject)
    if (agent === undefined) return undefined
    const data = {
      agent_id: agent.id,
      status,
      last_heartbeat_at: new Date(at).toISOString(),
      current_task_id: task,
    }
    return { org: agent.org, name: 'agent.heartbeat', data }
  },
}

/** The types of events that clients may be told of. */
export const TOLD_TYPES = Object.keys(TOLD) as EventType[]

/** What clients of which organisation are told of an event, in order. */
export function streamMessages(event: DeckEvent, rows: Rows): StreamMessage[] {
  const told = (TOLD[event.type] as Told<EventType> | undefined)?.(event, rows)
  return [told].flat().filter((message) => message !== undefined)
}

function actionOf(rows: Rows, { org, id }: HeldAction, name: string): StreamMessage | undefined {
  const entry = rows.get<LedgerEntry>('ledger', ledgerId(org, id))
  return entry === undefined ? undefined : { org, name, data: entry.action }
}

function heldOf(rows: Rows, approval: string): StreamMessage | undefined {
  const held = rows.get<HeldAction>('held_action', approval)
  return held === undefined ? undefined : actionOf(rows, held, 'action.updated')
}

interface RecordTold {
  made?: string
  changed?: string
  /** What is told instead of the record itself. */
  data?: (data: RecordData, isNew: boolean) => unknown
}

/** By the kind of record. */
const RECORDS: Readonly<Record<string, RecordTold>> = {
  guard_decision: { made: 'guard.decision.created' },
  learning_decision: { made: 'decision.created' },
  message: { made: 'message.created' },
  loop: { made: 'loop.created', changed: 'loop.updated' },
  goal: { made: 'goal.created', changed: 'goal.updated' },
  signal: { made: 'signal.detected' },
  token_usage: { made: 'token.usage' },
  policy: {
    made: 'policy.updated',
    changed: 'policy.updated',
    data: (policy, isNew) => ({ policy, change_type: isNew ? 'created' : 'updated' }),
  },
}

const TASK_TOLD: Readonly<Record<string, string>> = {
  assigned: 'task.assigned',
  completed: 'task.completed',
}

/** `change` is null for a new record. */
function recordMessage(
  { org, kind }: { org: string; kind: string },
  data: RecordData,
  change: RecordData | null,
): StreamMessage | undefined {
  if (kind === 'routing_task') return taskMessage(org, data, change)
  const told = RECORDS[kind]
  const name = change === null ? told?.made : told?.changed
  if (told === undefined || name === undefined) return undefined
  return { org, name, data: told.data?.(data, change === null) ?? data }
}

function taskMessage(
  org: string,
  task: RecordData,
  change: RecordData | null,
): StreamMessage | undefined {
  const name = TASK_TOLD[String((change ?? task)['status'])]
  return name === undefined
    ? undefined
    : { org, name, data: { task, assigned_to: task['assigned_to'] ?? null } }
}
