import { isCorruption, openDerived, removeDerived, type Store } from '../../store/open.ts'
import type { Delivery, DeliveryState } from './types.ts'

const SQL = `
CREATE TABLE cursor (hook TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE delivery (
  hook TEXT NOT NULL, event INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,
  state TEXT NOT NULL, attempts INTEGER NOT NULL, since INTEGER NOT NULL, at INTEGER NOT NULL,
  status INTEGER, why TEXT NOT NULL, PRIMARY KEY (hook, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_by_state ON delivery (hook, state, attempts, event);
CREATE INDEX delivery_by_time ON delivery (hook, state, at);`

/** How many that are over are kept of each webhook, the latest ones. */
const KEPT = { delivered: 200, dead: 1000 } as const
/** Old ones are removed each time after so many. */
const PRUNE_EVERY = 50

export type QueuedEvent = Pick<Delivery, 'id' | 'event' | 'type'>

/**
 * What is to be delivered, and how far each webhook has read the journal. It is a file of its own,
 * and may lose its latest writes when the machine fails: then deliveries are repeated, by the same
 * ids.
 */
export class DeliveryQueue implements Disposable {
  readonly #store: Store
  readonly #statements: ReturnType<typeof statements>
  #finished = 0

  constructor(path: string) {
    this.#store = openDerived(path, SQL)
    this.#statements = statements(this.#store)
  }

  [Symbol.dispose](): void {
    this.#store.close()
  }

  /** The last event that was read for it; undefined for one that is new here. */
  cursor(hook: string): number | undefined {
    return this.#statements.cursor.get(hook)
  }

  /** Takes events that were read up to `upTo`. Those that are here already stay as they are. */
  take(hook: string, events: readonly QueuedEvent[], upTo: number, now: number): void {
    const { add, move } = this.#statements
    this.#store.transaction(() => {
      for (const { event, id, type } of events) add.run(hook, event, id, type, now, now)
      move.run(hook, upTo)
    })()
  }

  /** Forgets what was read after this event, which is the last of the journal. */
  cut(hook: string, last: number): void {
    this.#statements.dropAfter.run(hook, last)
    this.#statements.move.run(hook, last)
  }

  waiting(hook: string): number {
    return this.#statements.waiting.get(hook) ?? 0
  }

  /** Those whose time has come: the least tried first, then the oldest. */
  due(hook: string, now: number, limit: number): Delivery[] {
    return this.#statements.due.all(hook, now, limit)
  }

  /** When the next one is due. */
  nextAt(hook: string): number | undefined {
    return this.#statements.nextAt.get(hook) ?? undefined
  }

  /** What came of an attempt. */
  attempted(
    hook: string,
    { event, attempts, state, at, status, why }: Omit<Delivery, 'id' | 'type' | 'since'>,
  ): void {
    this.#statements.attempted.run(state, attempts, at, status, why, hook, event)
    if (state !== 'waiting' && ++this.#finished % PRUNE_EVERY === 0) this.#prune(hook)
  }

  /** All that wait are due now. */
  hurry(hook: string, now: number): void {
    this.#statements.hurry.run(now, hook)
  }

  list(hook: string, state: DeliveryState | 'all', limit: number): Delivery[] {
    return state === 'all'
      ? this.#statements.listAll.all(hook, limit)
      : this.#statements.list.all(hook, state, limit)
  }

  find(hook: string, id: string): Delivery | undefined {
    return this.#statements.find.get(hook, id)
  }

  /** Begins anew with one event, or with all that were given up. Returns how many those are. */
  again(hook: string, event: number | undefined, now: number): number {
    const { againAll, againOne } = this.#statements
    return event === undefined
      ? againAll.run(now, hook).changes
      : againOne.run(now, hook, event).changes
  }

  forget(hook: string): void {
    this.#statements.forget.run(hook)
    this.#statements.forgetCursor.run(hook)
  }

  /** The webhooks that it holds anything of. */
  hooks(): string[] {
    return this.#statements.hooks.all()
  }

  #prune(hook: string): void {
    for (const [state, kept] of Object.entries(KEPT))
      this.#statements.prune.run(hook, state, hook, state, kept)
  }
}

/** A damaged file is made again: all since a webhook was added is then repeated. */
export function openQueue(path: string, problem: (what: string) => void): DeliveryQueue {
  try {
    return new DeliveryQueue(path)
  } catch (thrown) {
    if (!isCorruption(thrown)) throw thrown
    problem(`${path} is damaged and begins anew: webhooks hear again of what they heard`)
    removeDerived(path)
    return new DeliveryQueue(path)
  }
}

const ROW = 'id, event, type, state, attempts, since, at, status, why'

function statements(store: Store) {
  const rows = <P extends unknown[]>(where: string) =>
    store.prepare<P, Delivery>(`SELECT ${ROW} FROM delivery WHERE hook = ? ${where}`)
  return {
    cursor: store.prepare<[string], number>('SELECT seq FROM cursor WHERE hook = ?').pluck(),
    hooks: store.prepare<[], string>('SELECT hook FROM cursor').pluck(),
    move: store.prepare(
      'INSERT INTO cursor (hook, seq) VALUES (?, ?) ON CONFLICT (hook) DO UPDATE SET seq = excluded.seq',
    ),
    add: store.prepare(
      `INSERT OR IGNORE INTO delivery (hook, event, id, type, state, attempts, since, at, why)
       VALUES (?, ?, ?, ?, 'waiting', 0, ?, ?, '')`,
    ),
    dropAfter: store.prepare('DELETE FROM delivery WHERE hook = ? AND event > ?'),
    waiting: store
      .prepare<[string], number>(
        "SELECT count(*) FROM delivery WHERE hook = ? AND state = 'waiting'",
      )
      .pluck(),
    due: rows<[string, number, number]>(
      "AND state = 'waiting' AND at <= ? ORDER BY attempts, event LIMIT ?",
    ),
    nextAt: store
      .prepare<[string], number | null>(
        "SELECT min(at) FROM delivery WHERE hook = ? AND state = 'waiting'",
      )
      .pluck(),
    attempted: store.prepare(
      'UPDATE delivery SET state = ?, attempts = ?, at = ?, status = ?, why = ? WHERE hook = ? AND event = ?',
    ),
    hurry: store.prepare("UPDATE delivery SET at = ? WHERE hook = ? AND state = 'waiting'"),
    list: rows<[string, string, number]>('AND state = ? ORDER BY event DESC LIMIT ?'),
    listAll: rows<[string, number]>('ORDER BY event DESC LIMIT ?'),
    find: rows<[string, string]>('AND id = ?'),
    againAll: store.prepare(
      "UPDATE delivery SET state = 'waiting', attempts = 0, at = ? WHERE hook = ? AND state = 'dead'",
    ),
    againOne: store.prepare(
      "UPDATE delivery SET state = 'waiting', attempts = 0, at = ? WHERE hook = ? AND event = ?",
    ),
    forget: store.prepare('DELETE FROM delivery WHERE hook = ?'),
    forgetCursor: store.prepare('DELETE FROM cursor WHERE hook = ?'),
    prune: store.prepare(
      `DELETE FROM delivery WHERE hook = ? AND state = ? AND event <= (SELECT event FROM delivery
       WHERE hook = ? AND state = ? ORDER BY event DESC LIMIT 1 OFFSET ?)`,
    ),
  }
}
