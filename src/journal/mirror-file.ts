import { existsSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errno } from '../base/fault.ts'
import { lineOf, type StoredEvent } from './chain.ts'
import { lastWholeLine } from './lines.ts'

const CHUNK = 2000
/** The end of a line as `lineOf` writes it. Nothing that an agent says can stand there. */
const LINE_END =
  /"hash":"[0-9a-f]{64}","prev":"[0-9a-f]{64}","seq":(\d+),"subject":"[^"]*","type":"[a-z._]+"\}$/

/** One file that follows the journal. How far it has come is known once it was looked at, and no longer when writing failed. */
export class MirrorFile {
  readonly #path: string
  readonly #since: (seq: number, limit: number) => StoredEvent[]
  readonly #problem: (what: string) => void
  #at: number | undefined
  #turn = Promise.resolve()

  /** `since` reads from the journal what belongs into this file after an event. */
  constructor(
    path: string,
    since: (seq: number, limit: number) => StoredEvent[],
    problem: (what: string) => void,
  ) {
    this.#path = path
    this.#since = since
    this.#problem = problem
  }

  /** Whether it may lack what the journal holds. */
  get behind(): boolean {
    return this.#at === undefined
  }

  /** Adds the latest events of this file; if it lacks others before them, those too. Without its folder there is no mirror. Never rejects. */
  take(events: readonly StoredEvent[]): Promise<void> {
    return (this.#turn = this.#turn.then(() => this.#take(events)))
  }

  async #take(events: readonly StoredEvent[]): Promise<void> {
    if (!existsSync(dirname(this.#path))) {
      this.#at = undefined
      return
    }
    try {
      if (this.#at === undefined) await this.#catchUp()
      else await this.#append(events, this.#at)
    } catch (thrown) {
      this.#at = undefined
      // A folder that has gone meanwhile went to the trash.
      if (errno(thrown) !== 'ENOENT')
        this.#problem(
          `${this.#path} cannot be written, and will be brought up to date when it can: ${String(thrown)}`,
        )
    }
  }

  async #catchUp(): Promise<void> {
    let at = this.#lastSeq()
    for (let events = this.#since(at, CHUNK); events.length > 0; events = this.#since(at, CHUNK))
      at = await this.#append(events, at)
    this.#at = at
  }

  async #append(events: readonly StoredEvent[], at: number): Promise<number> {
    const news = events.filter(({ seq }) => seq > at)
    if (news.length > 0)
      await appendFile(this.#path, news.map((event) => `${lineOf(event)}\n`).join(''), {
        mode: 0o600,
      })
    return (this.#at = news.at(-1)?.seq ?? at)
  }

  /** The number of the last whole line. A file that ends in something else was tampered with: that is left to be found. */
  #lastSeq(): number {
    const line = lastWholeLine(this.#path)
    if (line === '') return 0
    const seq = LINE_END.exec(line)?.[1]
    if (seq === undefined)
      this.#problem(
        `${this.#path} does not end in an event: nothing more is added. Move it away, and it is written anew at the next start.`,
      )
    return seq === undefined ? Number.MAX_SAFE_INTEGER : Number(seq)
  }
}
