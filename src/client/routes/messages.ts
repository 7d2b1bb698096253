import { route, type NoFields, type ClientIdentity, type JsonRecord } from '../core/route.ts'
import type { DownloadedFile } from '../core/transport.ts'
import { AS_AGENT } from './fill.ts'
import type { WriteSecurity } from './rows.ts'

/** A message between agents. */
export interface AgentMessage {
  id: string
  from_agent_id: string
  to_agent_id: string | null
  message_type: string
  subject: string | null
  body: string
  thread_id?: string | null
  urgent?: boolean | 0 | 1
  action_id?: string | null
  status?: string
  is_read?: boolean
  attachments?: { id: string; filename: string; mime_type: string }[]
  created_at?: string
}

interface MessageList {
  messages: AgentMessage[]
  total: number
  unread_count: number
}

interface ContentFields {
  body: string
  subject?: string
  thread_id?: string
  urgent?: boolean
  doc_ref?: string
  action_id?: string
  attachments?: readonly unknown[]
  message_type?: string
  from_agent_id?: string
}
interface FilterFields {
  type?: string
  unread?: boolean
  thread_id?: string
  limit?: number
  offset?: number
  agent_id?: string
}

function fromAgent({ agentId }: ClientIdentity): JsonRecord {
  return { from_agent_id: agentId, message_type: 'info' }
}

/** Messages, threads and shared documents. */
export const messageRoutes = {
  /**
   * Sends a message to an agent; without `to` to all. `type` is info, action, lesson, question or
   * status. Up to three attachments `{ filename, mime_type, data }` in base64. Errors: 400; 404
   * unknown thread; 413.
   */
  sendMessage: route<
    { to_agent_id?: string } & ContentFields,
    { message: AgentMessage; message_id: string }
  >()('POST messages', 'body', {
    also: { to: 'to_agent_id', type: 'message_type' },
    fill: fromAgent,
  }),
  /** Sends a message to all agents. Errors: as `sendMessage`. */
  broadcast: route<ContentFields, { message: AgentMessage; message_id: string }>()(
    'POST messages',
    'body',
    { also: { type: 'message_type' }, fill: fromAgent },
  ),
  /** Messages to this agent or to all. */
  getInbox: route<FilterFields, MessageList>()('GET messages', '', {
    also: { message_type: 'type' },
    ...AS_AGENT,
    fixed: { direction: 'inbox' },
  }),
  /** Messages from this agent. */
  getSentMessages: route<FilterFields, MessageList>()('GET messages', '', {
    also: { message_type: 'type' },
    ...AS_AGENT,
    fixed: { direction: 'sent' },
  }),
  /** Messages by direction: `inbox` (default), `sent` or `all`. */
  getMessages: route<{ direction?: string } & FilterFields, MessageList>()('GET messages', '', {
    also: { message_type: 'type' },
    ...AS_AGENT,
  }),
  /** One message. Errors: 404. */
  getMessage: route<NoFields, { message: AgentMessage }>()('GET messages/:message_id'),
  /** Marks messages as read by this agent. */
  markRead: route<{ message_ids: readonly string[]; agent_id?: string }, { updated: number }>()(
    'PATCH messages',
    'message_ids:texts',
    { ...AS_AGENT, fixed: { action: 'read' } },
  ),
  /** Takes messages out of the inbox. */
  archiveMessages: route<
    { message_ids: readonly string[]; agent_id?: string },
    { updated: number }
  >()('PATCH messages', 'message_ids:texts', { ...AS_AGENT, fixed: { action: 'archive' } }),
  /** Opens a thread. Errors: 400. */
  createMessageThread: route<
    { name: string; participants?: readonly string[]; created_by?: string },
    { thread: JsonRecord; thread_id: string }
  >()('POST messages/threads', 'name participants:texts?', {
    fill: ({ agentId }) => ({ created_by: agentId }),
  }),
  /** Threads of this agent. */
  getMessageThreads: route<
    { status?: string; limit?: number; offset?: number; agent_id?: string },
    { threads: JsonRecord[]; total: number }
  >()('GET messages/threads', 'status? limit:number?', AS_AGENT),
  /** Closes a thread. Errors: 404. */
  resolveMessageThread: route<{ thread_id: string; summary?: string }, { thread: JsonRecord }>()(
    'PATCH messages/threads',
    'thread_id summary?',
    { fixed: { status: 'resolved' } },
  ),
  /**
   * Saves a document that all agents see: a name that exists becomes its next version. Errors: 400.
   */
  saveSharedDoc: route<
    { name: string; content: string; agent_id?: string },
    { doc: JsonRecord; doc_id: string; security?: WriteSecurity }
  >()('POST messages/docs', 'name content', AS_AGENT),
  /** Downloads an attachment. Errors: 404. */
  getAttachment: route<{ id: string | number }, DownloadedFile>()(
    'GET messages/attachments',
    'id:id',
    { gives: 'file' },
  ),
}
