import Database from 'better-sqlite3'
import { readFileSync, writeFileSync } from 'node:fs'
import { errno, Fault } from '../base/fault.ts'

/**
 * Takes the lock of a deck home, which only one supervisor can hold. It is a kernel lock on a file,
 * so it ends with the process. A file next to it names the process, for people. Faults:
 * `supervisor.taken`, `supervisor.unavailable`.
 */
export function acquireLock(file: string): AsyncDisposable {
  const lock = new Database(file)
  try {
    lock.pragma('busy_timeout = 0')
    lock.pragma('journal_mode = DELETE')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (thrown) {
    lock.close()
    if (!/BUSY|LOCKED/.test(errno(thrown) ?? '')) throw unusable(file, thrown)
    throw new Fault('supervisor.taken', `another supervisor runs this deck${holder(file)}`, {
      hint: 'Use it, or stop it with `clawdeck supervisor stop`.',
    })
  }
  writeFileSync(`${file}.pid`, `${process.pid}\n`, { mode: 0o600 })
  return {
    async [Symbol.asyncDispose]() {
      lock.exec('ROLLBACK')
      lock.close()
    },
  }
}

function unusable(file: string, thrown: unknown): Fault {
  const full = /FULL|IOERR/.test(errno(thrown) ?? '')
  const hint = full
    ? 'Free disk space, then start again.'
    : "Check the folder's owner and permissions: `clawdeck doctor`."
  return new Fault(
    'supervisor.unavailable',
    `the lock ${file} cannot be taken: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    { cause: thrown, hint },
  )
}

function holder(file: string): string {
  try {
    return ` (process ${readFileSync(`${file}.pid`, 'utf8').trim()})`
  } catch {
    return ''
  }
}
