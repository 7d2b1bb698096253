import type { Store } from '../../../store/open.ts'
import { Statements, type BoundValues } from '../../../store/statements.ts'
import type { MailQuery, MessageThread, StoredMessage } from './types.ts'

/** What a query selects: of each part of a mailbox, in SQL over the table of records. */
interface MailSelection {
  parts: readonly string[]
  values: BoundValues
}

/** What the agent did with a message to all; null for nothing. */
const RECEIPT = `(SELECT status FROM record WHERE id =
  @org || '/message_receipt/' || (m.row ->> '$.data.id') || '/' || @agent)`

/** Messages to one agent, and to all. Each part is found by an index. */
const INBOX = [
  `agent = @agent AND rank = 0 AND parent <> @agent AND status <> 'archived'`,
  `agent = '' AND rank = 0 AND parent <> @agent AND coalesce(${RECEIPT}, '') <> 'archived'`,
]
const UNREAD = [`status = 'sent'`, `${RECEIPT} IS NULL`]
const SENT = [`parent = @agent`]
const ALL = [`rank = 0 AND (agent IN (@agent, '') OR parent = @agent)`]

function selectionOf(org: string, query: Omit<MailQuery, 'limit' | 'offset'>): MailSelection {
  const { agent, direction, type, thread, isUnread } = query
  const isInbox = direction === 'inbox' && agent !== undefined
  const terms = [
    `org = @org AND kind = 'message'`,
    ...(type === undefined ? [] : [`row ->> '$.data.message_type' = @type`]),
    ...(thread === undefined ? [] : [`row ->> '$.data.thread_id' = @thread`]),
  ]
  const parts = partsOf(query).map((part, i) => {
    const unread = (isInbox ? UNREAD[i] : UNREAD[0]) as string
    const read = isUnread === undefined ? [] : [isUnread ? unread : `NOT (${unread})`]
    return [...terms, part, ...read].join(' AND ')
  })
  return { parts, values: { org, agent: agent ?? '', type: type ?? '', thread: thread ?? '' } }
}

function partsOf({ agent, direction }: Pick<MailQuery, 'agent' | 'direction'>): readonly string[] {
  if (agent === undefined) return ['rank = 0']
  if (direction === 'inbox') return INBOX
  return direction === 'sent' ? SENT : ALL
}

/** Reads mailboxes and threads. */
export class MailReader {
  readonly #statements: Statements

  constructor(store: Store) {
    this.#statements = new Statements(store)
  }

  /** Messages, newest first. */
  list(org: string, query: MailQuery): StoredMessage[] {
    const { parts, values } = selectionOf(org, query)
    const { limit, offset } = query
    const newest = parts.map(
      (where) =>
        `SELECT * FROM (SELECT row ->> '$.data' AS data, at, rowid AS n FROM record AS m
         WHERE ${where} ORDER BY at DESC, rowid DESC LIMIT @most)`,
    )
    return this.#statements
      .rows<{ data: string }>(
        `${newest.join(' UNION ALL ')} ORDER BY at DESC, n DESC LIMIT @limit OFFSET @offset`,
      )
      .all({ ...values, limit, offset, most: limit + offset })
      .map(({ data }) => JSON.parse(data) as StoredMessage)
  }

  count(org: string, query: Omit<MailQuery, 'limit' | 'offset'>): number {
    const { parts, values } = selectionOf(org, query)
    const counts = parts.map((where) => `(SELECT count(*) FROM record AS m WHERE ${where})`)
    const sum = this.#statements.values<number>(`SELECT ${counts.join(' + ')}`)
    return sum.get(values) ?? 0
  }

  /** Threads that an agent takes part in, or all, newest first. */
  threads(
    org: string,
    { agent, status, limit, offset }: ThreadQuery,
  ): { threads: MessageThread[]; total: number } {
    const where = [
      `org = @org AND kind = 'message_thread' AND rank = 0`,
      ...(status === undefined ? [] : ['status = @status']),
      ...(agent === undefined ? [] : [TAKES_PART]),
    ].join(' AND ')
    const values = { org, agent: agent ?? '', status: status ?? '' }
    const rows = this.#statements
      .rows<{ data: string }>(
        `SELECT row ->> '$.data' AS data FROM record WHERE ${where}
         ORDER BY at DESC, rowid DESC LIMIT @limit OFFSET @offset`,
      )
      .all({ ...values, limit, offset })
    const total = this.#statements
      .values<number>(`SELECT count(*) FROM record WHERE ${where}`)
      .get(values)
    return {
      threads: rows.map(({ data }) => JSON.parse(data) as MessageThread),
      total: total ?? 0,
    }
  }
}

interface ThreadQuery {
  agent: string | undefined
  status: string | undefined
  limit: number
  offset: number
}

const TAKES_PART = `(row ->> '$.data.created_by' = @agent
  OR row ->> '$.data.participants' IS NULL
  OR EXISTS (SELECT 1 FROM json_each(row, '$.data.participants') WHERE value = @agent))`
