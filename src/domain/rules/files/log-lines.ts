import type { DeckEvent } from '../../../journal/types.ts'
import type { Store } from '../../../store/open.ts'
import { LogWriter } from './log-writer.ts'

/** Events that one query spans. */
const SPAN = 1000
/** Rows that one query returns: an imported log is stored in large events. */
const MAX_ROWS = 40

interface LoggedRow {
  seq: number
  at: number
  type: string
  subject: string
  body: string
}

/**
 * The policy log as a file would hold it, up to an event: the lines that were imported, unchanged,
 * and lines for what happened in the deck, in order. Each line ends with a line feed. The same
 * journal gives the same lines every time.
 */
export async function* logLines(
  store: Store,
  upTo: number,
  yieldIfBusy: () => Promise<void>,
): AsyncGenerator<string[]> {
  const within = store.prepare<
    [number, number],
    LoggedRow
  >(`SELECT seq, at, type, subject, body FROM event WHERE seq > ? AND seq <= ? AND (
    type >= 'rule.' AND type < 'rule/' OR type IN ('rules.imported', 'approval.requested', 'approval.decided', 'agent.created', 'agent.restored')
    OR (type = 'action.decided' AND instr(body, '"rule":"') > 0)) ORDER BY seq LIMIT ${MAX_ROWS}`)
  const writer = new LogWriter()
  for (let from = 0; from < upTo;) {
    const until = Math.min(from + SPAN, upTo)
    const rows = within.all(from, until)
    for (const { body, ...row } of rows) {
      const lines = writer.take({ ...row, body: JSON.parse(body) as unknown } as DeckEvent)
      if (lines.length > 0) yield lines
    }
    from = rows.length < MAX_ROWS ? until : (rows.at(-1)?.seq ?? until)
    await yieldIfBusy()
  }
  const last = writer.end()
  if (last.length > 0) yield last
}
