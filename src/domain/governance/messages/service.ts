import { Fault } from '../../../base/fault.ts'
import { apiAgentName } from '../agents/rules.ts'
import type { ApiAuthor } from '../guard/service.ts'
import { rowId } from '../ids.ts'
import type { RecordStore } from '../records/service.ts'
import { requireNo, required } from '../refusals.ts'
import { redactDeep } from '../scanning/secrets.ts'
import type { SecuritySummary } from '../scanning/types.ts'
import type { AttachmentFiles } from './attachments.ts'
import type { MailReader } from './read.ts'
import { attachmentProblems, isReadBy, whyNotPostTo, type SentAttachment } from './rules.ts'
import type {
  MailQuery,
  MessageReceipt,
  MessageSummary,
  OutgoingMessage,
  StoredAttachment,
  StoredMessage,
} from './types.ts'
import { requireRoom, markOne, NO_MESSAGES, summarise, toThread } from './writes.ts'

/** A message as an agent sees it. */
export interface ShownMessage extends Omit<StoredMessage, 'agent_id'> {
  read_by: readonly string[]
  is_read: boolean
}

interface MailParts {
  records: RecordStore
  reader: MailReader
  files: AttachmentFiles
}

/** Readers that a message to all is shown with. */
const MOST_READERS = 100

/** Messages between agents, in mailboxes and threads. */
export class Mail {
  readonly #parts: MailParts

  constructor(parts: MailParts) {
    this.#parts = parts
  }

  /**
   * Sends a message. Faults: `input.invalid` for attachments or a closed thread, `not.found` for an
   * unknown one, `not.possible` when the organisation keeps too much.
   */
  async send(
    { org, slug, actor }: ApiAuthor,
    sent: OutgoingMessage,
    attachments: readonly SentAttachment[],
  ): Promise<{ message: ShownMessage; security: SecuritySummary }> {
    const { records } = this.#parts
    const problems = attachmentProblems(attachments)
    if (problems.length > 0) throw new Fault('input.invalid', problems.join('; '))
    const { value, security } = redactDeep(sent)
    if (sent.thread_id !== null)
      requireNo(whyNotPostTo(sent.thread_id, records.get(org, 'message_thread', sent.thread_id)))
    const id = rowId('msg')
    const kept = await this.#keep(id, attachments)
    const subject = apiAgentName(slug, sent.from_agent_id)
    const message = await records.write({ org, actor, subject }, (changes) => {
      for (const each of kept) changes.make('attachment', each.id, each)
      requireRoom(records.sums(org, 'attachment', ['all']), kept)
      toThread(changes, sent.thread_id)
      summarise(changes, value)
      const stored: StoredMessage = {
        id,
        org_id: org,
        agent_id: sent.to_agent_id ?? '',
        ...value,
        status: 'sent',
        attachments: kept.map(shownAttachment),
        created_at: changes.now,
        read_at: null,
        archived_at: null,
      }
      changes.make('message', id, stored)
      return stored
    })
    return { message: this.#shown(org, message, undefined), security }
  }

  /** A message. Fault `not.found`. */
  get(org: string, id: string): ShownMessage {
    const found = required(
      this.#parts.records.get<StoredMessage>(org, 'message', id),
      `Message ${id}`,
    )
    return this.#shown(org, found, undefined)
  }

  /** A page of messages, and how many of the agent's are not read. */
  list(
    org: string,
    query: MailQuery,
  ): { messages: ShownMessage[]; total: number; unread_count: number } {
    const { reader } = this.#parts
    const { agent } = query
    return {
      messages: reader.list(org, query).map((each) => this.#shown(org, each, agent)),
      total: reader.count(org, query),
      unread_count: reader.count(org, {
        agent,
        direction: 'inbox',
        type: undefined,
        thread: undefined,
        isUnread: true,
      }),
    }
  }

  /** Marks messages. Without an agent, as whoever they were sent to. Answers how many changed. */
  async mark(
    { org, slug, actor }: ApiAuthor,
    ids: readonly string[],
    { action, agent }: { action: 'read' | 'archive'; agent: string | undefined },
  ): Promise<number> {
    const subject = agent === undefined ? '' : apiAgentName(slug, agent)
    return this.#parts.records.write(
      { org, actor, subject },
      (changes) => [...new Set(ids)].filter((id) => markOne(changes, id, { action, agent })).length,
    )
  }

  /** An attachment with its bytes. Faults: `not.found`; `not.possible` if the file was changed. */
  async attachment(
    org: string,
    id: string,
  ): Promise<{ attachment: StoredAttachment; bytes: Uint8Array<ArrayBuffer> }> {
    const { records, files } = this.#parts
    const attachment = required(
      records.get<StoredAttachment>(org, 'attachment', id),
      `Attachment ${id}`,
    )
    return { attachment, bytes: await files.read(attachment.sha256) }
  }

  /** What the messages about an action amount to. */
  about(org: string, actionId: string): MessageSummary {
    return this.#parts.records.get<MessageSummary>(org, 'message_summary', actionId) ?? NO_MESSAGES
  }

  threads: MailReader['threads'] = (org, query) => this.#parts.reader.threads(org, query)

  async #keep(
    message: string,
    attachments: readonly SentAttachment[],
  ): Promise<StoredAttachment[]> {
    const kept: StoredAttachment[] = []
    for (const { filename, mime_type, data } of attachments) {
      const bytes = Buffer.from(data, 'base64')
      const hash = await this.#parts.files.keep(bytes)
      const id = rowId('att')
      kept.push({
        id,
        message_id: message,
        filename,
        mime_type,
        size_bytes: bytes.length,
        sha256: hash,
      })
    }
    return kept
  }

  #shown(org: string, message: StoredMessage, agent: string | undefined): ShownMessage {
    const { agent_id: _, ...shown } = message
    const query = { where: { message_id: message.id }, limit: MOST_READERS }
    const readBy =
      message.to_agent_id === null
        ? this.#parts.records
            .find<MessageReceipt>(org, 'message_receipt', query)
            .map((receipt) => receipt.agent_id)
        : []
    const seen = { ...message, read_by: readBy, archived_by: [] }
    const reader = agent ?? message.to_agent_id ?? readBy[0] ?? ''
    const isRead =
      readBy.length < MOST_READERS
        ? isReadBy(seen, reader)
        : this.#parts.records.get(org, 'message_receipt', `${message.id}/${reader}`) !== undefined
    return { ...shown, read_by: readBy, is_read: isRead }
  }
}

function shownAttachment({ id, filename, mime_type, size_bytes }: StoredAttachment) {
  return { id, filename, mime_type, size_bytes }
}
