import Database from 'better-sqlite3'
import { chmodSync, closeSync, openSync, rmSync } from 'node:fs'
import { errno, Fault } from '../base/fault.ts'
import { journal } from './migrations/010-journal.ts'
import { derivedTables } from './migrations/040-derived-tables.ts'

export type Store = Database.Database

const MIGRATIONS: readonly (readonly [version: number, sql: string])[] = [
  [10, journal],
  [40, derivedTables],
]

/** The newest schema this program knows. */
export const SCHEMA_VERSION = 40

/** Opens (and brings forward) the deck's database: WAL, every commit on disk before it is answered. Faults: `journal.unwritable`, `journal.corrupt`. */
export function openStore(path: string): Store {
  try {
    const store = openOwn(path)
    store.pragma('journal_mode = WAL')
    store.pragma('synchronous = FULL')
    // A thread beside copies the log into the database long before it has so many pages; without one, a commit does. The file keeps its size, as growing costs each commit.
    store.pragma('wal_autocheckpoint = 16000')
    store.pragma('journal_size_limit = 33554432')
    store.pragma('cache_size = -8000')
    store.pragma('trusted_schema = OFF')
    // A copy of a row that SQLite leaves behind when it splits a page would escape verification.
    store.pragma('secure_delete = ON')
    migrate(store)
    return store
  } catch (thrown) {
    throw storeFault(thrown, path)
  }
}

/** A database that is its owner's alone from its first moment on, as what SQLite keeps beside it then is too. */
function openOwn(path: string): Store {
  try {
    closeSync(openSync(path, 'a', 0o600))
  } catch {
    /* SQLite says better what is wrong with it */
  }
  const store = new Database(path)
  chmodSync(path, 0o600)
  return store
}

/** An empty database to rebuild state beside the live one. It lies in memory, and in a nameless file what is too much for that. */
export function openScratch(): Store {
  const store = new Database('')
  store.pragma('journal_mode = OFF')
  store.pragma('synchronous = OFF')
  return store
}

/** Opens the deck's database, which this process has open, once more: to read, and to copy its log into it. */
export function openBeside(path: string): Store {
  const store = new Database(path, { fileMustExist: true })
  store.pragma('query_only = ON')
  store.pragma('trusted_schema = OFF')
  return store
}

/**
 * Opens a file of what can be made from the journal at any time, by `sql` if it is new: after a power cut it may lack what was
 * last written, but is whole. Throws what SQLite throws.
 */
export function openDerived(path: string, sql: string): Store {
  const store = openOwn(path)
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

/** Removes such a file, and what SQLite keeps beside it. */
export function removeDerived(path: string): void {
  for (const part of ['', '-wal', '-shm']) rmSync(`${path}${part}`, { force: true })
}

/** Opens the database to read what lies on disk, whoever else has it open. */
export function openReadOnly(path: string): Store {
  try {
    return new Database(path, { readonly: true, fileMustExist: true })
  } catch (thrown) {
    throw storeFault(thrown, path)
  }
}

function migrate(store: Store): void {
  const now = store.pragma('user_version', { simple: true }) as number
  if (now > SCHEMA_VERSION)
    throw new Fault(
      'journal.corrupt',
      `this deck was written by a newer clawdeck (schema ${now}, this one knows ${SCHEMA_VERSION})`,
      { hint: 'Run the newer version, or point CLAWDECK_HOME elsewhere.' },
    )
  for (const [version, sql] of MIGRATIONS) {
    if (version <= now) continue
    store.transaction(() => {
      store.exec(sql)
      store.pragma(`user_version = ${version}`)
    })()
  }
}

/** Whether a file is not what SQLite wrote. */
export function isDamage(thrown: unknown): boolean {
  return /CORRUPT|NOTADB/.test(errno(thrown) ?? '')
}

/** A failure of the database, in words for a person. */
export function storeFault(thrown: unknown, path: string): Fault {
  if (thrown instanceof Fault) return thrown
  const code = errno(thrown) ?? ''
  const why = thrown instanceof Error ? thrown.message : String(thrown)
  if (isDamage(thrown))
    return new Fault('journal.corrupt', `the journal ${path} is damaged: ${why}`, {
      cause: thrown,
      hint: 'Keep the file, and restore it from a backup. logs/audit.jsonl holds the same events; an export can be proven anywhere.',
    })
  if (/FULL|IOERR/.test(code))
    return new Fault(
      'journal.unwritable',
      `the journal cannot be written (${why}): nothing is allowed until it can`,
      { cause: thrown, hint: 'Free disk space; the deck goes on by itself.' },
    )
  return new Fault('journal.unwritable', `the journal ${path} cannot be opened: ${why}`, {
    cause: thrown,
    hint: "Check the folder's owner and permissions: `clawdeck doctor`.",
  })
}
