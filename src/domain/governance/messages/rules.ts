import type { GovernanceRefusal } from '../types.ts'

/** A message, as far as mailboxes look at it. */
export interface MessageRow {
  from_agent_id: string
  /** Null: to everybody. */
  to_agent_id: string | null
  status: 'sent' | 'read' | 'archived'
  /** Of a broadcast: who has read it. */
  read_by: readonly string[]
  /** Of a broadcast: who has archived it. */
  archived_by: readonly string[]
}

export type MailDirection = 'inbox' | 'sent' | 'all'

/** Whether a message is in the mailbox of an agent. */
export function isInMailbox(
  message: MessageRow,
  agentId: string,
  direction: MailDirection,
): boolean {
  const sent = message.from_agent_id === agentId
  if (direction === 'sent') return sent
  const received = message.to_agent_id === null || message.to_agent_id === agentId
  if (direction === 'all') return sent || received
  return received && !sent && !isArchivedBy(message, agentId)
}

function isArchivedBy(message: MessageRow, agentId: string): boolean {
  if (message.to_agent_id === null) return message.archived_by.includes(agentId)
  return message.status === 'archived'
}

/** Whether an agent has read a message. Of a broadcast, each agent for itself. */
export function isReadBy(message: MessageRow, agentId: string): boolean {
  if (message.to_agent_id === null) return message.read_by.includes(agentId)
  return message.status !== 'sent'
}

/** A message after an agent has read or archived it, or undefined if that changes nothing. */
export function markedMessage<M extends MessageRow>(
  message: M,
  agentId: string,
  action: 'read' | 'archive',
): M | undefined {
  if (!isInMailbox(message, agentId, 'inbox')) return undefined
  if (action === 'read' && isReadBy(message, agentId)) return undefined
  if (message.to_agent_id !== null)
    return { ...message, status: action === 'read' ? 'read' : 'archived' }
  const key = action === 'read' ? 'read_by' : 'archived_by'
  return { ...message, [key]: [...message[key], agentId] }
}

const THREAD_PREFIX = 'mt_'

/** Why a message cannot go to a thread, or undefined. */
export function whyNotPostTo(
  threadId: string,
  thread: { status: string } | undefined,
): GovernanceRefusal | undefined {
  if (!threadId.startsWith(THREAD_PREFIX))
    return { kind: 'invalid', reason: `thread_id must begin with ${THREAD_PREFIX}` }
  if (thread === undefined) return { kind: 'missing', reason: 'No message thread with this id' }
  return thread.status === 'open'
    ? undefined
    : { kind: 'invalid', reason: `The thread is ${thread.status}` }
}

export const ATTACHMENT_LIMITS = { count: 3, bytes: 5_000_000, name: 255 } as const
export const ATTACHMENT_TYPES = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'application/pdf',
  'text/plain',
  'text/markdown',
  'text/csv',
  'application/json',
] as const

export interface SentAttachment {
  filename: string
  mime_type: string
  /** Base64. */
  data: string
}

/** What is wrong with attachments, one line each. */
export function attachmentProblems(attachments: readonly SentAttachment[]): string[] {
  const { count, bytes, name } = ATTACHMENT_LIMITS
  if (attachments.length > count) return [`attachments: at most ${count}`]
  return attachments.flatMap(({ filename, mime_type, data }, i) => [
    ...(isFilename(filename) ? [] : [`attachments[${i}].filename must be a name of 1 to ${name}`]),
    ...((ATTACHMENT_TYPES as readonly string[]).includes(mime_type)
      ? []
      : [`attachments[${i}].mime_type must be one of ${ATTACHMENT_TYPES.join(', ')}`]),
    ...(isBase64(data) ? [] : [`attachments[${i}].data must be base64`]),
    ...(base64Bytes(data) <= bytes ? [] : [`attachments[${i}].data: at most ${bytes} bytes`]),
  ])
}

/** A file's name without a path, and without what could end the header that it is sent back in. */
function isFilename(name: string): boolean {
  return /^[^\u0000-\u001f\u007f"\\/]{1,255}$/.test(name) && name !== '.' && name !== '..'
}

function isBase64(data: string): boolean {
  return data.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(data)
}

/** How many bytes base64 text stands for. */
export function base64Bytes(data: string): number {
  const padding = /={0,2}$/.exec(data)?.[0].length ?? 0
  return Math.floor((data.length * 3) / 4) - padding
}
