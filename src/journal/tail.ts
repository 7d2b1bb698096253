import type { Journal } from './journal.ts'
import { asEvent, type eventReader } from './read.ts'
import type { DeckEvent } from './types.ts'

export interface TailOptions {
  /** How many of the latest events to begin with. */
  limit: number
  /** Whether to continue with events as they are appended. */
  follow: boolean
  agent?: string | undefined
  signal: AbortSignal
}

/** Events read at a time. */
const SLICE = 200

/**
 * The latest events, then new ones without gaps or repeats. They are read from the journal when the
 * reader is ready for them, so a slow reader costs nothing.
 */
export async function* tailEvents(
  journal: Journal,
  read: ReturnType<typeof eventReader>,
  { limit, follow, agent, signal }: TailOptions,
): AsyncGenerator<DeckEvent> {
  let wake = () => {}
  let appended = true
  const unfollow = follow
    ? journal.follow(() => {
        appended = true
        wake()
      })
    : () => {}
  const aborted = () => wake()
  signal.addEventListener('abort', aborted)
  try {
    let seq = journal.head().seq
    for (const event of read.latest(limit, agent)) {
      seq = event.seq
      yield asEvent(event)
    }
    while (follow && !signal.aborted) {
      appended = false
      const slice = agent === undefined ? read.since(seq, SLICE) : read.ofSubject(agent, seq, SLICE)
      for (const event of slice) {
        seq = event.seq
        yield asEvent(event)
      }
      if (slice.length < SLICE && !appended && !signal.aborted)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
  } finally {
    unfollow()
    signal.removeEventListener('abort', aborted)
  }
}
