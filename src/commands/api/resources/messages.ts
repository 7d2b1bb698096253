import * as z from 'zod'
import { ATTACHMENT_LIMITS } from '../../../domain/governance/messages/rules.ts'
import { authorOf, endpoint, Reply, type Endpoint } from '../endpoint.ts'
import { AgentId, fields, paged, someText, text, texts, YesNo } from '../inputs.ts'
import { changesRecord, createsRecord } from '../kinds/endpoints.ts'
import { newIds, type RecordKind } from '../kinds/kind.ts'

/** All attachments as base64, and what else a message may have. */
const MOST_BYTES =
  Math.ceil((ATTACHMENT_LIMITS.count * ATTACHMENT_LIMITS.bytes * 4) / 3) + (2 << 20)

const TYPES = ['action', 'info', 'lesson', 'question', 'status'] as const

const Attachment = () => z.object({ filename: z.string(), mime_type: z.string(), data: z.string() })

const Sent = () =>
  fields({
    from_agent_id: AgentId,
    to_agent_id: AgentId.optional(),
    message_type: z.enum(TYPES).default('info'),
    subject: text(200).optional(),
    body: someText(2000),
    thread_id: text(128).optional(),
    urgent: YesNo.default(false),
    doc_ref: text(500).optional(),
    action_id: text(128).optional(),
    attachments: z.array(Attachment()).max(ATTACHMENT_LIMITS.count).default([]),
  })

const THREAD: RecordKind = {
  kind: 'message_thread',
  one: 'thread',
  many: 'threads',
  id: newIds.hex('mt'),
  scanned: true,
  shape: () => ({
    name: someText(500),
    participants: texts(100, 128).optional(),
    created_by: AgentId,
  }),
  defaults: { status: 'open', summary: null, message_count: 0, last_message_at: null },
}

const THREAD_STATUSES = ['open', 'resolved'] as const

/** A name as ASCII, and whole for clients that know how. */
function asDownload(filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]/g, '_')
  const whole = plain === filename ? '' : `; filename*=UTF-8''${encodeURIComponent(filename)}`
  return `attachment; filename="${plain}"${whole}`
}

/** Messages between agents. */
export const messageEndpoints: readonly Endpoint[] = [
  endpoint('POST /messages', {
    about: 'Sends a message to an agent, or without one to all.',
    status: 201,
    maxBytes: MOST_BYTES,
    input: Sent,
    run: async ({ mail }, { attachments, ...sent }, caller) => {
      const message = {
        ...sent,
        to_agent_id: sent.to_agent_id ?? null,
        subject: sent.subject ?? null,
        thread_id: sent.thread_id ?? null,
        doc_ref: sent.doc_ref ?? null,
        action_id: sent.action_id ?? null,
      }
      const written = await mail.send(authorOf(caller), message, attachments)
      return { ...written, message_id: written.message.id }
    },
  }),
  endpoint('GET /messages', {
    about: 'Messages of a mailbox, newest first.',
    input: () =>
      fields({
        agent_id: AgentId.optional(),
        direction: z.enum(['inbox', 'sent', 'all']).default('inbox'),
        type: text(50).optional(),
        unread: YesNo.optional(),
        thread_id: text(128).optional(),
        ...paged(1000, 50),
      }),
    run: ({ mail }, { agent_id: agent, thread_id: thread, unread, ...asked }, { tenant }) =>
      mail.list(tenant.org, {
        ...asked,
        agent,
        thread,
        type: asked.type,
        // Clients say false where they do not ask for unread ones only.
        isUnread: unread === true ? true : undefined,
      }),
  }),
  endpoint('PATCH /messages', {
    about: 'Marks messages as read, or takes them out of the inbox.',
    input: () =>
      fields({
        message_ids: texts(200, 128).min(1),
        action: z.enum(['read', 'archive']),
        agent_id: AgentId.optional(),
      }),
    run: async ({ mail }, { message_ids: ids, action, agent_id: agent }, caller) => ({
      updated: await mail.mark(authorOf(caller), ids, { action, agent }),
    }),
  }),
  endpoint('GET /messages/attachments', {
    about: 'The bytes of an attachment.',
    input: () => fields({ id: someText(128) }),
    run: async ({ mail }, { id }, { tenant }) => {
      const { attachment, bytes } = await mail.attachment(tenant.org, id)
      return new Reply(200, bytes, {
        'content-type': attachment.mime_type,
        'content-disposition': asDownload(attachment.filename),
        'x-content-type-options': 'nosniff',
      })
    },
  }),
  createsRecord(THREAD, 'POST /messages/threads', { about: 'Opens a thread of messages.' }),
  endpoint('GET /messages/threads', {
    about: 'Threads that an agent takes part in, newest first.',
    input: () =>
      fields({
        agent_id: AgentId.optional(),
        status: text(50).optional(),
        ...paged(100, 20),
      }),
    run: ({ mail }, { agent_id: agent, status, ...page }, { tenant }) =>
      mail.threads(tenant.org, { agent, status, ...page }),
  }),
  changesRecord(THREAD, 'PATCH /messages/threads', {
    about: 'Resolves a thread, opens it again, or says what came of it.',
    shape: () => ({ status: z.enum(THREAD_STATUSES), summary: text(5000) }),
    id: 'thread_id',
  }),
  endpoint('GET /messages/:id', {
    about: 'One message.',
    input: () => fields({ id: text(128) }),
    run: ({ mail }, { id }, { tenant }) => ({ message: mail.get(tenant.org, id) }),
  }),
]
