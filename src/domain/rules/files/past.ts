import type { DeckEvent } from '../../../journal/types.ts'
import type { Store } from '../../../store/open.ts'
import { lineWriter } from './lines.ts'

/** How far one look into the journal goes, in events, and how many it takes at most: lines of a file come in large events. */
const SPAN = 1000
const MOST = 40

interface Stored {
  seq: number
  at: number
  type: string
  subject: string
  body: string
}

/**
 * The log as a file would hold it: the lines that came in with files, as they were, and what happened here, in order, up to
 * an event. Each with its line feed, a few at a time. The same journal gives the same lines every time.
 */
export async function* pastLines(
  store: Store,
  upTo: number,
  breathe: () => Promise<void>,
): AsyncGenerator<string[]> {
  const within = store.prepare<
    [number, number],
    Stored
  >(`SELECT seq, at, type, subject, body FROM event WHERE seq > ? AND seq <= ? AND (
    type >= 'rule.' AND type < 'rule/' OR type IN ('rules.imported', 'approval.requested', 'approval.decided', 'agent.created', 'agent.restored')
    OR (type = 'action.decided' AND instr(body, '"rule":"') > 0)) ORDER BY seq LIMIT ${MOST}`)
  const writer = lineWriter()
  for (let from = 0; from < upTo;) {
    const until = Math.min(from + SPAN, upTo)
    const rows = within.all(from, until)
    for (const { body, ...row } of rows) {
      const lines = writer.take({ ...row, body: JSON.parse(body) as unknown } as DeckEvent)
      if (lines.length > 0) yield lines
    }
    from = rows.length < MOST ? until : (rows.at(-1)?.seq ?? until)
    await breathe()
  }
  const last = writer.end()
  if (last.length > 0) yield last
}
