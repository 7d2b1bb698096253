import { existsSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errno } from '../base/fault.ts'
import { lineOf, type Head, type StoredEvent } from './chain.ts'
import { lastCompleteLine, setAside } from './lines.ts'

const SLICE = 2000
/** The end of a line as `lineOf` writes it. An agent's text cannot produce it there. */
const LINE_END =
  /"hash":"([0-9a-f]{64})","prev":"[0-9a-f]{64}","seq":(\d+),"subject":"[^"]*","type":"[a-z._]+"\}$/

/**
 * The last event in a mirror; undefined if there is none, `changed` if it ends with something else.
 */
export function lastMirrored(path: string): Head | 'changed' | undefined {
  const line = lastCompleteLine(path)
  if (line === '') return undefined
  const [, hash, seq] = LINE_END.exec(line) ?? []
  return hash === undefined || seq === undefined ? 'changed' : { seq: Number(seq), hash }
}

/** One file that follows the journal. */
export class MirrorFile {
  readonly #path: string
  readonly #since: (seq: number, limit: number) => StoredEvent[]
  readonly #problem: (what: string) => void
  /** The last event in the file; undefined until it was read, and after a write failed. */
  #lastSeq: number | undefined
  #queue = Promise.resolve()

  /** `since` reads from the journal the events that belong into this file. */
  constructor(
    path: string,
    since: (seq: number, limit: number) => StoredEvent[],
    problem: (what: string) => void,
  ) {
    this.#path = path
    this.#since = since
    this.#problem = problem
  }

  /** Whether the file may lack events. */
  get behind(): boolean {
    return this.#lastSeq === undefined
  }

  /**
   * Adds the latest events of this file, and any it lacks before them. Does nothing when the folder
   * does not exist. Never rejects.
   */
  add(events: readonly StoredEvent[]): Promise<void> {
    return (this.#queue = this.#queue.then(() => this.#add(events)))
  }

  /** Keeps the file under another name and writes a new one. Never rejects. */
  renew(label: string): Promise<void> {
    this.#queue = this.#queue.then(() => {
      try {
        setAside(this.#path, label)
      } catch (thrown) {
        this.#problem(`${this.#path} cannot be renamed: ${String(thrown)}`)
      }
      this.#lastSeq = undefined
    })
    return this.add([])
  }

  async #add(events: readonly StoredEvent[]): Promise<void> {
    if (!existsSync(dirname(this.#path))) {
      this.#lastSeq = undefined
      return
    }
    try {
      if (this.#lastSeq === undefined) await this.#catchUp()
      else await this.#append(events, this.#lastSeq)
    } catch (thrown) {
      this.#lastSeq = undefined
      // ENOENT: the folder was moved to the trash meanwhile.
      if (errno(thrown) !== 'ENOENT')
        this.#problem(
          `${this.#path} cannot be written, and is brought up to date once it can: ${String(thrown)}`,
        )
    }
  }

  async #catchUp(): Promise<void> {
    let last = this.#readLastSeq()
    for (
      let events = this.#since(last, SLICE);
      events.length > 0;
      events = this.#since(last, SLICE)
    )
      last = await this.#append(events, last)
    this.#lastSeq = last
  }

  async #append(events: readonly StoredEvent[], last: number): Promise<number> {
    const missing = events.filter(({ seq }) => seq > last)
    if (missing.length > 0)
      await appendFile(this.#path, missing.map((event) => `${lineOf(event)}\n`).join(''), {
        mode: 0o600,
      })
    return (this.#lastSeq = missing.at(-1)?.seq ?? last)
  }

  /** A file that ends in something else was tampered with. It is left for verification to find. */
  #readLastSeq(): number {
    const last = lastMirrored(this.#path)
    if (last !== 'changed') return last?.seq ?? 0
    this.#problem(
      `${this.#path} does not end with an event, so nothing is added to it. Move it away; it is written again at the next start.`,
    )
    return Number.MAX_SAFE_INTEGER
  }
}
