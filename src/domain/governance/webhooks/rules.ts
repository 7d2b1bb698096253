import { createHmac } from 'node:crypto'
import type { Rows } from '../../../journal/tables/rows.ts'
import type { DeckEvent, EventType } from '../../../journal/types.ts'
import type { Approval } from '../../approvals/types.ts'
import { ledgerId, type HeldAction } from '../ledger/noun.ts'
import type { LedgerEntry } from '../ledger/types.ts'
import { SIGNAL_TYPES } from '../signals/types.ts'

/** What webhooks may hear of, besides signals. */
export const APPROVAL_EVENTS = ['approval_pending', 'approval_granted', 'approval_denied'] as const
type ApprovalEvent = (typeof APPROVAL_EVENTS)[number]

/** What a webhook may ask for. */
export const API_WEBHOOK_EVENTS = ['all', ...SIGNAL_TYPES, ...APPROVAL_EVENTS] as const

/** After so many failures in a row a webhook hears of nothing any more. */
export const MOST_FAILURES = 10
const FIRST_WAIT_MS = 5000
const LONGEST_WAIT_MS = 60 * 60_000

/**
 * How long a webhook is left alone after so many failures: so much that the tenth comes after some
 * hours. Half of it is random, so that many do not come at once. `random` is from 0 to 1.
 */
export function apiFailurePause(failures: number, random: number): number {
  const whole = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 3 ** Math.min(failures - 1, 20))
  return Math.round(whole / 2 + (whole / 2) * random)
}

/** The signature of a message: of exactly its body, in hexadecimal. */
export function apiSignature(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('hex')
}

/** Something that webhooks of an organisation may hear of. */
interface Heard {
  org: string
  /** As webhooks name it. */
  name: string
  subject: { signal: object } | { entry: LedgerEntry; approval: Approval | undefined }
}

type HeardOf<T extends EventType> = (event: DeckEvent<T>, rows: Rows) => Heard | undefined

const HEARD: { [T in EventType]?: HeardOf<T> } = {
  'record.made': ({ body: { org, kind, data } }) =>
    kind === 'signal' ? { org, name: String(data['type']), subject: { signal: data } } : undefined,
  'ledger.recorded': ({ body: { org, approval, action } }, rows) =>
    approval === ''
      ? undefined
      : approvalHeard(rows, { org, id: action.action_id }, 'approval_pending'),
  'approval.decided': ({ body: { id, state } }, rows) =>
    heldHeard(rows, id, state === 'allowed' ? 'approval_granted' : 'approval_denied'),
  'approval.expired': ({ body: { id } }, rows) => heldHeard(rows, id, 'approval_denied'),
}

/** Whether webhooks may hear of events of a type. */
export function mayBeHeard(type: string): boolean {
  return Object.hasOwn(HEARD, type)
}

/** What webhooks of which organisation hear of an event; undefined for nothing. */
export function heardOf(event: DeckEvent, rows: Rows): Heard | undefined {
  return (HEARD[event.type] as HeardOf<EventType> | undefined)?.(event, rows)
}

function heldHeard(rows: Rows, approval: string, name: ApprovalEvent): Heard | undefined {
  const held = rows.get<HeldAction>('held_action', approval)
  return held === undefined ? undefined : approvalHeard(rows, held, name)
}

function approvalHeard(
  rows: Rows,
  { org, id }: HeldAction,
  name: ApprovalEvent,
): Heard | undefined {
  const entry = rows.get<LedgerEntry>('ledger', ledgerId(org, id))
  if (entry === undefined) return undefined
  const approval = rows.get<Approval>('approval', entry.approval)
  return { org, name, subject: { entry, approval } }
}

const STATUSES: Readonly<Record<string, string>> = {
  approval_pending: 'pending_approval',
  approval_granted: 'running',
  approval_denied: 'failed',
}

/** What a webhook is sent. `baseUrl` is where people reach the API. */
export function messageFor(
  { org, name, subject }: Heard,
  { at, baseUrl }: { at: string; baseUrl: string },
): object {
  if ('signal' in subject)
    return { event: 'signals.detected', org_id: org, timestamp: at, signals: [subject.signal] }
  const { entry, approval } = subject
  const { action } = entry
  const reasons = approval?.reasons ?? []
  const reason = approval?.note === '' ? undefined : approval?.note
  return {
    event: name,
    org_id: org,
    timestamp: at,
    action: {
      action_id: action.action_id,
      agent_id: action.agent_id,
      action_type: action.action_type,
      declared_goal: action.declared_goal,
      risk_score: approval?.risk.score ?? action.risk_score,
      status: STATUSES[name],
      matched_policies: reasons.flatMap(({ id }) => (id === undefined ? [] : [id])),
      reason: reason ?? reasons.map(({ text }) => text).join('; '),
    },
    approval_url: `${baseUrl}/replay/${action.action_id}`,
    replay_url: `${baseUrl}/replay/${action.action_id}`,
  }
}

/** What a test sends. */
export function testMessage(org: string, at: string): object {
  const signal = {
    type: 'test',
    severity: 'amber',
    label: 'Test',
    detail: 'This is a test of the webhook.',
    help: 'Nothing has to be done.',
    agent_id: null,
  }
  return { event: 'test', org_id: org, timestamp: at, signals: [signal] }
}
