import type { Store } from '../store/open.ts'
import type { StoredEvent } from './chain.ts'
import type { DeckEvent } from './types.ts'

/** A stored row as doors see it: with its body parsed. */
export function asEvent(stored: StoredEvent): DeckEvent {
  return { ...stored, body: JSON.parse(stored.body) } as DeckEvent
}

/**
 * The latest time that the journal knows. Events of version 0.1 may not be in the order of their
 * times, so those since the last signed head count, and all signed heads.
 */
export function latestTime(store: Store): number {
  const times = store
    .prepare<[], { signed: number | null; since: number | null }>(
      `SELECT (SELECT max(at) FROM checkpoint) AS signed, (SELECT max(at) FROM event
        WHERE seq > coalesce((SELECT max(seq) FROM checkpoint), 0)) AS since`,
    )
    .get()
  return Math.max(times?.signed ?? 0, times?.since ?? 0)
}

/** Reads of the journal by sequence number. */
export function eventReader(store: Store): {
  since(seq: number, limit: number): StoredEvent[]
  one(seq: number): StoredEvent | undefined
  latest(limit: number, subject?: string): StoredEvent[]
  ofSubject(subject: string, seq: number, limit: number): StoredEvent[]
} {
  const since = store.prepare<[number, number], StoredEvent>(
    'SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?',
  )
  const one = store.prepare<[number], StoredEvent>('SELECT * FROM event WHERE seq = ?')
  const latest = store.prepare<[number], StoredEvent>(
    'SELECT * FROM event ORDER BY seq DESC LIMIT ?',
  )
  const latestOf = store.prepare<[string, number], StoredEvent>(
    'SELECT * FROM event WHERE subject = ? ORDER BY seq DESC LIMIT ?',
  )
  const ofSubject = store.prepare<[string, number, number], StoredEvent>(
    'SELECT * FROM event WHERE subject = ? AND seq > ? ORDER BY seq LIMIT ?',
  )
  return {
    since: (seq, limit) => since.all(seq, limit),
    one: (seq) => one.get(seq),
    latest: (limit, subject) =>
      (subject === undefined ? latest.all(limit) : latestOf.all(subject, limit)).reverse(),
    ofSubject: (subject, seq, limit) => ofSubject.all(subject, seq, limit),
  }
}
