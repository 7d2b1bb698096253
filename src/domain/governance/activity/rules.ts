import type { Rows } from '../../../journal/tables/rows.ts'
import type { DeckEvent, EventType } from '../../../journal/types.ts'
import { operatorOf } from '../../operators/rules.ts'
import type { HeldAction } from '../ledger/noun.ts'

/** Kinds of records that people and admins set up. What agents tell is not activity. */
const KINDS = [
  'policy',
  'webhook',
  'pairing',
  'identity',
  'scoring_profile',
  'risk_template',
  'scorer',
  'prompt_template',
  'prompt_version',
  'routing_agent',
  'agent_schedule',
  'workflow_template',
  'model_strategy',
  'knowledge_collection',
  'capability',
  'compliance_schedule',
  'compliance_export',
] as const

/** One sort of activity: which events it is, and how clients know it. */
interface ActivityRow {
  type: EventType
  /** Of a record. */
  kind?: string
  /** Of a decision. */
  state?: 'allowed' | 'denied'
  action: string
  resource: string
}

const VERBS = {
  'record.made': 'created',
  'record.changed': 'updated',
  'record.removed': 'deleted',
} as const

const ROWS: readonly ActivityRow[] = [
  { type: 'org.created', action: 'organization.created', resource: 'organization' },
  { type: 'org.renamed', action: 'organization.updated', resource: 'organization' },
  { type: 'api_key.created', action: 'key.created', resource: 'api_key' },
  { type: 'api_key.revoked', action: 'key.revoked', resource: 'api_key' },
  { type: 'ledger.removed', action: 'action.deleted', resource: 'action' },
  { type: 'approval.decided', state: 'allowed', action: 'action.allowed', resource: 'action' },
  { type: 'approval.decided', state: 'denied', action: 'action.denied', resource: 'action' },
  { type: 'approval.expired', action: 'action.expired', resource: 'action' },
  ...KINDS.flatMap((kind) =>
    Object.entries(VERBS).map(([type, verb]): ActivityRow => ({
      type: type as EventType,
      kind,
      action: `${kind}.${verb}`,
      resource: kind,
    })),
  ),
]

function quoted(texts: Iterable<string>): string {
  return [...new Set(texts)].map((text) => `'${text}'`).join(', ')
}

/** The events that are activity: SQL over the journal, as its index has it. */
export const IS_ACTIVITY = `type IN (${quoted(ROWS.map(({ type }) => type))})
  AND (type NOT IN (${quoted(Object.keys(VERBS))}) OR body ->> '$.kind' IN (${quoted(KINDS)}))`

/**
 * Whose activity an event is: SQL over the journal. It is the id of an organisation, or for
 * decisions `@` and its slug, with which names of its agents end.
 */
export const ACTIVITY_OF = `CASE WHEN type IN ('org.created', 'org.renamed') THEN body ->> '$.id'
  WHEN type NOT IN ('approval.decided', 'approval.expired') THEN body ->> '$.org'
  WHEN instr(subject, '@') > 0
  THEN '@' || substr(subject, length(rtrim(subject, replace(subject, '@', ''))) + 1) END`

/** SQL for the sorts of activity that are asked for; undefined for all. */
export function sortsWanted(asked: {
  action?: string | undefined
  resource?: string | undefined
  /** An action or a resource. */
  type?: string | undefined
}): string | undefined {
  const { action, resource, type } = asked
  if (action === undefined && resource === undefined && type === undefined) return undefined
  const wanted = ROWS.filter(
    (row) =>
      (action === undefined || row.action === action) &&
      (resource === undefined || row.resource === resource) &&
      (type === undefined || row.action === type || row.resource === type),
  ).map(({ type: of, kind, state }) =>
    [
      `type = '${of}'`,
      ...(kind === undefined ? [] : [`body ->> '$.kind' = '${kind}'`]),
      ...(state === undefined ? [] : [`body ->> '$.state' = '${state}'`]),
    ].join(' AND '),
  )
  return wanted.length === 0 ? '0' : `(${wanted.join(' OR ')})`
}

/** What somebody did, as the wire shows it. */
export interface ActivityEvent {
  id: string
  action: string
  resource_type: string
  resource_id: string | null
  actor_id: string
  actor_type: 'api_key' | 'operator' | 'system'
  /** For people to read: the label of a key, the name of an operator. */
  actor_name: string
  actor_image: null
  agent_id: string | null
  details: object
  created_at: string
}

type Body = Readonly<Record<string, unknown>>

/** An event of the journal as activity. */
export function activityOf(
  { seq, at, type, actor, subject, body }: DeckEvent,
  rows: Rows,
): ActivityEvent {
  const fields = body as Body
  const row = ROWS.find(
    (one) =>
      one.type === type &&
      (one.kind === undefined || one.kind === fields['kind']) &&
      (one.state === undefined || one.state === fields['state']),
  )
  const held = rows.get<HeldAction>('held_action', String(fields['id']))
  const isDecision = type.startsWith('approval.')
  const id = isDecision ? held?.id : (fields['key'] ?? fields['id'])
  return {
    id: `evt_${seq}`,
    action: row?.action ?? type,
    resource_type: row?.resource ?? '',
    resource_id: typeof id === 'string' ? id : null,
    ...actorOf(actor, rows),
    actor_image: null,
    agent_id: subject === '' ? null : subject.replace(/@[^@]*$/, ''),
    details: detailsOf(fields),
    created_at: new Date(at).toISOString(),
  }
}

function actorOf(
  actor: string,
  rows: Rows,
): Pick<ActivityEvent, 'actor_id' | 'actor_type' | 'actor_name'> {
  const key = /^key:([^/]+)/.exec(actor)?.[1]
  if (key !== undefined) {
    const label = rows.get<{ label: string }>('api_key', key)?.label ?? ''
    return { actor_id: key, actor_type: 'api_key', actor_name: label === '' ? key : label }
  }
  const operator = operatorOf(actor)
  return operator === undefined
    ? { actor_id: actor, actor_type: 'system', actor_name: actor }
    : { actor_id: operator, actor_type: 'operator', actor_name: operator }
}

/** Which fields changed, never their values; and what decisions and keys are. */
function detailsOf({ change, note, label, role, ids }: Body): object {
  return {
    ...(typeof change === 'object' && change !== null ? { changed: Object.keys(change) } : {}),
    ...(typeof note === 'string' && note !== '' ? { reason: note } : {}),
    ...(typeof label === 'string' ? { label, role } : {}),
    ...(Array.isArray(ids) ? { action_ids: ids } : {}),
  }
}
