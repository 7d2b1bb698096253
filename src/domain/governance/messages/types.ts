import type { MailDirection, MessageRow } from './rules.ts'

/** A message that somebody sends. */
export interface OutgoingMessage {
  from_agent_id: string
  /** Null: to everybody. */
  to_agent_id: string | null
  message_type: string
  subject: string | null
  body: string
  thread_id: string | null
  urgent: boolean
  doc_ref: string | null
  action_id: string | null
}

/** A message as it is recorded. */
export interface StoredMessage extends OutgoingMessage, Pick<MessageRow, 'status'> {
  id: string
  org_id: string
  /** In whose mailbox it is: the receiver's, or for a message to all in nobody's: ''. */
  agent_id: string
  attachments: readonly MessageAttachment[]
  created_at: string
  read_at: string | null
  archived_at: string | null
}

/** What a message says of an attachment. */
export interface MessageAttachment {
  id: string
  filename: string
  mime_type: string
  size_bytes: number
}

/** An attachment as it is recorded, to be found by its id. */
export interface StoredAttachment extends MessageAttachment {
  message_id: string
  sha256: string
}

/** What an agent did with a message to all. */
export interface MessageReceipt {
  message_id: string
  agent_id: string
  status: 'read' | 'archived'
  read_at: string
}

/** A conversation that messages belong to. */
export interface MessageThread {
  id: string
  org_id: string
  name: string
  /** Null: everybody. */
  participants: readonly string[] | null
  created_by: string
  status: string
  summary: string | null
  message_count: number
  last_message_at: string | null
  created_at: string
  updated_at: string
}

/** What the messages about an action amount to, under the action's id. */
export interface MessageSummary {
  total: number
  participants: readonly string[]
  first_message_at: string | null
  last_message_at: string | null
}

/** Which messages somebody looks for. */
export interface MailQuery {
  agent: string | undefined
  direction: MailDirection
  type: string | undefined
  thread: string | undefined
  isUnread: boolean | undefined
  limit: number
  offset: number
}
