import { Fault } from '../../../base/fault.ts'
import type { RecordChanges } from '../records/service.ts'
import type { Sums } from '../records/sums.ts'
import { requireNo } from '../refusals.ts'
import { markedMessage, whyNotPostTo, type MessageRow } from './rules.ts'
import type {
  MessageReceipt,
  MessageSummary,
  MessageThread,
  OutgoingMessage,
  StoredAttachment,
  StoredMessage,
} from './types.ts'

/** Bytes of attachments that an organisation may keep. */
const MOST_BYTES = 2 ** 30
/** Participants of a summary. */
const MOST_NAMES = 100

export const NO_MESSAGES: MessageSummary = {
  total: 0,
  participants: [],
  first_message_at: null,
  last_message_at: null,
}

/** Marks one message. Answers whether that changed it. */
export function markOne(
  changes: RecordChanges,
  id: string,
  { action, agent }: { action: 'read' | 'archive'; agent: string | undefined },
): boolean {
  const message = changes.get<StoredMessage>('message', id)
  const reader = agent ?? message?.to_agent_id ?? undefined
  if (message === undefined || reader === undefined) return false
  const key = `${id}/${reader}`
  const receipt = changes.get<MessageReceipt>('message_receipt', key)
  const marked = markedMessage(asReadBy(message, reader, receipt), reader, action)
  if (marked === undefined) return false
  const { now } = changes
  if (message.to_agent_id !== null) {
    const at = action === 'read' ? { read_at: now } : { archived_at: now }
    changes.change('message', id, { status: marked.status, ...at })
    return true
  }
  const status = action === 'read' ? 'read' : 'archived'
  const made: MessageReceipt = { message_id: id, agent_id: reader, status, read_at: now }
  if (receipt === undefined) changes.make('message_receipt', key, made)
  else changes.change('message_receipt', key, { status })
  return true
}

/** Counts a message in its thread. */
export function toThread(changes: RecordChanges, id: string | null): void {
  if (id === null) return
  const thread = changes.get<MessageThread>('message_thread', id)
  requireNo(whyNotPostTo(id, thread))
  changes.change('message_thread', id, {
    message_count: (thread?.message_count ?? 0) + 1,
    last_message_at: changes.now,
  })
}

/** Fault `not.possible` if the organisation would keep too much. */
export function requireRoom({ bytes = 0 }: Sums, kept: readonly StoredAttachment[]): void {
  const all = kept.reduce((sum, each) => sum + each.size_bytes, bytes)
  if (kept.length > 0 && all > MOST_BYTES)
    throw new Fault(
      'not.possible',
      `attachments of an organisation are at most ${MOST_BYTES} bytes`,
    )
}

/** Adds a message to what those about its action amount to. */
export function summarise(
  changes: RecordChanges,
  { action_id: id, ...message }: OutgoingMessage,
): void {
  if (id === null) return
  const before = changes.get<MessageSummary>('message_summary', id)
  const people = [message.from_agent_id, message.to_agent_id].filter((each) => each !== null)
  const known = before ?? NO_MESSAGES
  const after: MessageSummary = {
    total: known.total + 1,
    participants: [...new Set([...known.participants, ...people])].slice(0, MOST_NAMES),
    first_message_at: known.first_message_at ?? changes.now,
    last_message_at: changes.now,
  }
  if (before === undefined) changes.make('message_summary', id, after)
  else changes.change('message_summary', id, after)
}

/** A message as far as one reader is concerned. */
function asReadBy(
  message: StoredMessage,
  reader: string,
  receipt: MessageReceipt | undefined,
): MessageRow {
  return {
    ...message,
    read_by: receipt === undefined ? [] : [reader],
    archived_by: receipt?.status === 'archived' ? [reader] : [],
  }
}
