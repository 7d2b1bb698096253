import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { HostVerifier } from '../base/signing.ts'
import type { Store } from '../store/open.ts'
import { lastCompleteLine, setAside } from './lines.ts'
import { checkpointText, type Head } from './chain.ts'
import type { Checkpoint } from './types.ts'

/**
 * Where checkpoints are copied to: a file of all of them, to hand out, and one of the last, with
 * the secrets.
 */
export interface CheckpointFiles {
  all: string
  last: string
}

/** A checkpoint's line in its files, without the line feed. */
export function checkpointLine({ seq, hash, at, keyId, signature }: Checkpoint): string {
  return JSON.stringify({ seq, hash, at, keyId, signature })
}

/** Parses such a line; undefined for anything else, including other spellings of the same JSON. */
export function parseCheckpoint(line: string): Checkpoint | undefined {
  try {
    const value = JSON.parse(line) as Checkpoint
    return Number.isSafeInteger(value.seq) &&
      typeof value.signature === 'string' &&
      checkpointLine(value) === line
      ? value
      : undefined
  } catch {
    return undefined
  }
}

/**
 * Copies checkpoints from the database to their files. The copy of the last one reveals an older
 * database put in place of this one, so it is only replaced while the journal contains its event.
 */
export class CheckpointCopies {
  /** Whether the journal contains the event of the last checkpoint's copy, or there is no copy. */
  #consistent: boolean
  readonly #store: Store
  readonly #files: CheckpointFiles
  #behind = false

  constructor(store: Store, files: CheckpointFiles) {
    this.#store = store
    this.#files = files
    this.#consistent = containsCopy(store, files.last)
  }

  get consistent(): boolean {
    return this.#consistent
  }

  /** Keeps the files as they are under other names, and begins new ones. */
  renew(label: string): void {
    for (const path of [this.#files.all, this.#files.last]) setAside(path, label)
    this.#consistent = true
    this.update()
  }

  /** Whether the last `update` failed, so that the files may lack checkpoints. */
  get behind(): boolean {
    return this.#behind
  }

  /** Adds what the files lack, for whatever reason. Throws the system's error. */
  update(): void {
    this.#behind = true
    const line = lastCompleteLine(this.#files.all)
    const last = line === '' ? 0 : parseCheckpoint(line)?.seq
    // A last line that is not a checkpoint was not written here: verification will report it.
    const missing = last === undefined ? [] : this.#since(last)
    if (missing.length > 0)
      appendFileSync(this.#files.all, missing.map((c) => `${checkpointLine(c)}\n`).join(''), {
        mode: 0o600,
      })
    const latest = latestCheckpoint(this.#store)
    if (this.#consistent && latest !== undefined) this.#replaceLast(latest)
    this.#behind = false
  }

  #since(seq: number): Checkpoint[] {
    return this.#store
      .prepare<[number], Checkpoint>(
        'SELECT seq, hash, at, keyId, signature FROM checkpoint WHERE seq > ? ORDER BY seq',
      )
      .all(seq)
  }

  #replaceLast(checkpoint: Checkpoint): void {
    const draft = `${this.#files.last}.new`
    writeFileSync(draft, `${checkpointLine(checkpoint)}\n`, { mode: 0o600, flush: true })
    renameSync(draft, this.#files.last)
  }
}

export function latestCheckpoint(store: Store): Checkpoint | undefined {
  return store
    .prepare<[], Checkpoint>(
      'SELECT seq, hash, at, keyId, signature FROM checkpoint ORDER BY seq DESC LIMIT 1',
    )
    .get()
}

/**
 * The event of the last checkpoint's copy; undefined if there is none, `changed` if it is not
 * valid.
 */
export function lastCopy(path: string, signer: HostVerifier): Head | 'changed' | undefined {
  if (!existsSync(path)) return undefined
  const copy = parseCheckpoint(readFileSync(path, 'utf8').trimEnd())
  return copy !== undefined && signer.verify(checkpointText(copy), copy.signature)
    ? { seq: copy.seq, hash: copy.hash }
    : 'changed'
}

function containsCopy(store: Store, path: string): boolean {
  if (!existsSync(path)) return true
  const copy = parseCheckpoint(readFileSync(path, 'utf8').trimEnd())
  return copy !== undefined && hashAt(store, copy.seq) === copy.hash
}

/** The hash of an event as the journal has it. */
export function hashAt(store: Store, seq: number): string | undefined {
  return store.prepare<[number], { hash: string }>('SELECT hash FROM event WHERE seq = ?').get(seq)
    ?.hash
}
