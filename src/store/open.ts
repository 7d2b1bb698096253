import Database from 'better-sqlite3'
import { chmodSync, closeSync, openSync, rmSync } from 'node:fs'
import { errno, Fault } from '../base/fault.ts'
import { journal } from './migrations/010-journal.ts'
import { derivedTables } from './migrations/040-derived-tables.ts'
import { unmarked } from './migrations/050-unmarked.ts'

export type Store = Database.Database

const MIGRATIONS: readonly (readonly [version: number, sql: string])[] = [
  [10, journal],
  [40, derivedTables],
  [50, unmarked],
]

/** The newest schema that this program knows. */
const SCHEMA_VERSION = 50

/**
 * Opens the deck's database and migrates it: WAL, and every commit is on disk before it returns.
 * Faults: `journal.unwritable`, `journal.corrupt`.
 */
export function openStore(path: string): Store {
  try {
    const store = openPrivate(path)
    store.pragma('journal_mode = WAL')
    store.pragma('synchronous = FULL')
    // The index worker checkpoints the log long before it has so many pages. Without that worker, a
    // commit does. The log keeps its size, because growing it would slow every commit.
    store.pragma('wal_autocheckpoint = 16000')
    store.pragma('journal_size_limit = 33554432')
    store.pragma('cache_size = -8000')
    store.pragma('trusted_schema = OFF')
    // Otherwise SQLite may leave copies of a row in a split page, which verification would not see.
    store.pragma('secure_delete = ON')
    migrate(store)
    return store
  } catch (thrown) {
    throw storeFault(thrown, path)
  }
}

/** Creates the file with mode 0600 first: SQLite gives the files beside it the same mode. */
function openPrivate(path: string): Store {
  try {
    closeSync(openSync(path, 'a', 0o600))
  } catch {
    /* SQLite reports more precisely what is wrong */
  }
  const store = new Database(path)
  chmodSync(path, 0o600)
  return store
}

/**
 * An empty database to rebuild state beside the live one: in memory, and in an unnamed file once it
 * grows.
 */
export function openScratch(): Store {
  const store = new Database('')
  store.pragma('journal_mode = OFF')
  store.pragma('synchronous = OFF')
  return store
}

/**
 * A second connection to a database that this process has open: to read, and to checkpoint its log.
 */
export function openSecondConnection(path: string): Store {
  const store = new Database(path, { fileMustExist: true })
  store.pragma('query_only = ON')
  store.pragma('trusted_schema = OFF')
  return store
}

/**
 * Opens a file with data derived from the journal; a new one is created by `sql`. After a power
 * loss it may lack the latest writes, but is intact. Throws what SQLite throws.
 */
export function openDerived(path: string, sql: string): Store {
  const store = openPrivate(path)
  store.pragma('journal_mode = WAL')
  store.pragma('synchronous = NORMAL')
  store.pragma('trusted_schema = OFF')
  if (store.pragma('user_version', { simple: true }) === 0)
    store.transaction(() => {
      store.exec(sql)
      store.pragma('user_version = 1')
    })()
  return store
}

/** Removes such a file, with the files that SQLite keeps beside it. */
export function removeDerived(path: string): void {
  for (const part of ['', '-wal', '-shm']) rmSync(`${path}${part}`, { force: true })
}

/** Opens the database read-only as it is on disk, whoever else has it open. */
export function openReadOnly(path: string): Store {
  try {
    return new Database(path, { readonly: true, fileMustExist: true })
  } catch (thrown) {
    throw storeFault(thrown, path)
  }
}

function migrate(store: Store): void {
  const current = store.pragma('user_version', { simple: true }) as number
  if (current > SCHEMA_VERSION)
    throw new Fault(
      'journal.corrupt',
      `this deck was written by a newer clawdeck (schema ${current}, this one knows ${SCHEMA_VERSION})`,
      { hint: 'Run the newer version, or set CLAWDECK_HOME to another folder.' },
    )
  for (const [version, sql] of MIGRATIONS) {
    if (version <= current) continue
    store.transaction(() => {
      store.exec(sql)
      store.pragma(`user_version = ${version}`)
    })()
  }
}

/** Whether an error means that the file is corrupt, or not a database. */
export function isCorruption(thrown: unknown): boolean {
  return /CORRUPT|NOTADB/.test(errno(thrown) ?? '')
}

/** A database error as a Fault. */
export function storeFault(thrown: unknown, path: string): Fault {
  if (thrown instanceof Fault) return thrown
  const code = errno(thrown) ?? ''
  const why = thrown instanceof Error ? thrown.message : String(thrown)
  if (isCorruption(thrown))
    return new Fault('journal.corrupt', `the journal ${path} is damaged: ${why}`, {
      cause: thrown,
      hint: 'Keep the file, and restore a backup. logs/audit.jsonl holds the same events.',
    })
  if (/FULL|IOERR/.test(code))
    return new Fault(
      'journal.unwritable',
      `the journal cannot be written (${why}): nothing is allowed until it can`,
      { cause: thrown, hint: 'Free disk space. clawdeck then continues by itself.' },
    )
  return new Fault('journal.unwritable', `the journal ${path} cannot be opened: ${why}`, {
    cause: thrown,
    hint: "Check the folder's owner and permissions with `clawdeck doctor`.",
  })
}
