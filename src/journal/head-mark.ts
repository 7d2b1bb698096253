import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Fault } from '../base/fault.ts'
import type { HostKey } from '../base/signing.ts'
import type { Head } from './chain.ts'

/** What the head mark says. */
export interface Mark {
  /** Counts writes: of two records the one with the larger number is the later one. */
  count: number
  /** The latest event that is known to be on disk. */
  head: Head
  /** The latest event once the commit that was under way is on disk. */
  next: Head | null
  /** The time of the journal, in Unix milliseconds. */
  at: number
  /** The boot of the machine that wrote it; '' where boots cannot be told apart. */
  boot: string
  /** Whether the journal was closed in order: nothing was appended after that. */
  closed: boolean
}

interface HeadMarkOptions {
  path: string
  key: HostKey
  boot: string
}

const RECORD_BYTES = 512
/** Records lie in blocks of their own, so that a torn write damages only one of them. */
const SLOT_BYTES = 4096
const SLOTS = 2

/**
 * Remembers outside of the database which event is the latest, so that a start notices when the end
 * of the journal is gone, or is another one. It is written before and after each commit, without
 * waiting for the disk:
 *
 * - When the process is killed, what it wrote is still there: the database ends with `head` or with
 *   `next`.
 * - When the machine fails, the latest writes may be lost, and one of two records may be torn. What
 *   is left is older, and a commit is on disk before the record that says so: the database
 *   contains `head`.
 *
 * Anything else was done by somebody. While that is not settled, the record is left as it is.
 */
export class HeadMark {
  /** What was found at the start. */
  readonly found: Mark | 'missing' | 'unreadable'
  readonly #options: HeadMarkOptions
  #count: number
  #fd: number | undefined
  #frozen = false

  constructor(options: HeadMarkOptions) {
    this.#options = options
    this.found = readMark(options)
    this.#count = typeof this.found === 'string' ? 0 : this.found.count
    if (this.found !== 'missing') this.#fd = openSync(options.path, 'r+')
  }

  get path(): string {
    return this.#options.path
  }

  /** How often it was written. */
  get count(): number {
    return this.#count
  }

  /** The time that was found, in Unix milliseconds; 0 if none was. */
  get time(): number {
    return typeof this.found === 'string' ? 0 : this.found.at
  }

  get boot(): string {
    return this.#options.boot
  }

  /** Writes nothing any more until `renew`: the record is evidence. */
  freeze(): void {
    this.#frozen = true
  }

  get isFrozen(): boolean {
    return this.#frozen
  }

  /** To be called before a commit. Fault `journal.unwritable`: then it must not be committed. */
  before(head: Head, next: Head, at: number): void {
    try {
      this.#write({ head, next, at, closed: false })
    } catch (cause) {
      throw new Fault('journal.unwritable', `${this.path} cannot be written (${String(cause)})`, {
        cause,
        hint: 'Nothing is allowed until it can. Check the disk.',
      })
    }
  }

  /** To be called after a commit. Without it the record of `before` still allows for this head. */
  after(head: Head, at: number): void {
    try {
      this.#write({ head, next: null, at, closed: false })
    } catch {
      /* the next commit tries again, and fails if it cannot be written then */
    }
  }

  /**
   * To be called before the first commit of a process: from then on a machine that fails may take
   * the latest records with it, so the one that says that nothing follows must not be left.
   */
  open(head: Head, at: number): void {
    if (this.#fd === undefined) return this.renew(head, at)
    this.#write({ head, next: null, at, closed: false })
    fsyncSync(this.#fd)
  }

  /** Begins anew with this head, durably, whatever was found. */
  renew(head: Head, at: number): void {
    this.#close()
    const draft = `${this.path}.new`
    const fd = (this.#fd = openSync(draft, 'w', 0o600))
    for (let slot = 0; slot < SLOTS; slot++) this.#put(fd, { head, next: null, at, closed: false })
    fsyncSync(fd)
    renameSync(draft, this.path)
    syncFolderNow(dirname(this.path))
    this.#frozen = false
  }

  /** Says durably that nothing follows this head. */
  close(head: Head, at: number): void {
    try {
      this.#write({ head, next: null, at, closed: true })
      if (this.#fd !== undefined) fsyncSync(this.#fd)
    } catch {
      /* the record before it still holds */
    }
    this.#close()
  }

  #write(mark: Omit<Mark, 'count' | 'boot'>): void {
    if (!this.#frozen && this.#fd !== undefined) this.#put(this.#fd, mark)
  }

  #put(fd: number, written: Omit<Mark, 'count' | 'boot'>): void {
    const { key, boot } = this.#options
    const { head, next, at, closed } = written
    const mark = JSON.stringify({
      count: ++this.#count,
      head,
      next,
      at,
      boot,
      closed,
    } satisfies Mark)
    const record = `{"mark":${mark},"code":"${key.authenticate(mark)}"}`
    const position = (this.#count % SLOTS) * SLOT_BYTES
    writeSync(fd, `${record.padEnd(RECORD_BYTES - 1)}\n`, position)
  }

  #close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }
}

function readMark({ path, key }: HeadMarkOptions): HeadMark['found'] {
  if (!existsSync(path)) return 'missing'
  const bytes = readFileSync(path)
  const marks: Mark[] = []
  for (let slot = 0; slot < SLOTS; slot++) {
    const from = slot * SLOT_BYTES
    const mark = parseRecord(bytes.subarray(from, from + RECORD_BYTES).toString(), key)
    if (mark !== undefined) marks.push(mark)
  }
  return marks.toSorted((a, b) => b.count - a.count)[0] ?? 'unreadable'
}

function parseRecord(text: string, key: HostKey): Mark | undefined {
  try {
    const { mark, code } = JSON.parse(text) as { mark: Mark; code: string }
    return key.authenticate(JSON.stringify(mark)) === code ? mark : undefined
  } catch {
    return undefined
  }
}

function syncFolderNow(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } catch {
    /* not every file system can */
  } finally {
    closeSync(fd)
  }
}
