import { isCorruption, openDerived, removeDerived, type Store } from '../../../store/open.ts'
import { redactDeep, scanSecrets } from '../scanning/secrets.ts'

/** An attempt to deliver something, as the wire shows it. */
export interface LoggedAttempt {
  /** Of the delivery: the same at each of its attempts. */
  id: string
  event_type: string
  payload: unknown
  status: 'success' | 'failed'
  response_status: number | null
  response_body: string
  attempted_at: string
  duration_ms: number
}

const SQL = `CREATE TABLE attempt (
  n INTEGER PRIMARY KEY, hook TEXT NOT NULL, row TEXT NOT NULL
) STRICT;
CREATE INDEX attempt_by_hook ON attempt (hook, n);`

/** The latest ones that are kept of each webhook. */
const KEPT = 200
const MOST_RESPONSE = 2000

/** What was sent to webhooks, and what they answered. It may be lost: nothing depends on it. */
export class AttemptLog implements Disposable {
  readonly #store: Store
  readonly #statements

  constructor(path: string) {
    this.#store = openedAnew(path)
    this.#statements = {
      add: this.#store.prepare('INSERT INTO attempt (hook, row) VALUES (?, ?)'),
      prune: this.#store.prepare(
        `DELETE FROM attempt WHERE hook = ? AND n <= (SELECT n FROM attempt WHERE hook = ?
         ORDER BY n DESC LIMIT 1 OFFSET ${KEPT})`,
      ),
      list: this.#store
        .prepare<[string, number, number], string>(
          'SELECT row FROM attempt WHERE hook = ? ORDER BY n DESC LIMIT ? OFFSET ?',
        )
        .pluck(),
      forget: this.#store.prepare('DELETE FROM attempt WHERE hook = ?'),
    }
  }

  /** Secrets in it are not kept. */
  add(hook: string, attempt: LoggedAttempt): void {
    const { payload, response_body: answer } = attempt
    const row: LoggedAttempt = {
      ...attempt,
      payload: redactDeep(payload).value,
      response_body: scanSecrets(answer.slice(0, MOST_RESPONSE)).redacted_text,
    }
    this.#statements.add.run(hook, JSON.stringify(row))
    this.#statements.prune.run(hook, hook)
  }

  /** The latest first. */
  list(hook: string, { limit, offset }: { limit: number; offset: number }): LoggedAttempt[] {
    return this.#statements.list
      .all(hook, limit, offset)
      .map((row) => JSON.parse(row) as LoggedAttempt)
  }

  forget(hook: string): void {
    this.#statements.forget.run(hook)
  }

  [Symbol.dispose](): void {
    this.#store.close()
  }
}

function openedAnew(path: string): Store {
  try {
    return openDerived(path, SQL)
  } catch (thrown) {
    if (!isCorruption(thrown)) throw thrown
    removeDerived(path)
    return openDerived(path, SQL)
  }
}
