import { randomBytes } from 'node:crypto'
import { link, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { errno, Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import { createAtomic } from '../../../config/files.ts'

const LOCK_NAME = '.clawdeck.lock'
const MAX_CHARACTERS = 4096

/**
 * Runs `run` while holding the lock of a folder, which at most one process has. Fault
 * `not.possible` names the process that holds it.
 */
export async function withFolderLock<T>(folder: string, run: () => Promise<T>): Promise<T> {
  const path = join(folder, LOCK_NAME)
  const mine = `${JSON.stringify({ pid: process.pid, token: randomBytes(8).toString('hex') })}\n`
  await acquire(path, mine)
  try {
    return await run()
  } finally {
    // Whoever believed that this process had died has put its own lock there.
    if ((await readFile(path, 'utf8').catch(() => '')) === mine) await rm(path, { force: true })
  }
}

async function acquire(path: string, mine: string): Promise<void> {
  if (await createAtomic(path, mine)) return
  const held = await readFile(path, 'utf8').then(
    (text) => text.slice(0, MAX_CHARACTERS),
    () => '',
  )
  const pid = holderOf(held)
  if (pid === undefined || isAlive(pid)) throw lockedFault(path, pid)
  await removeStale(path, held)
  if (!(await createAtomic(path, mine))) throw lockedFault(path, undefined)
}

/**
 * Removes the lock of a dead process. A lock that another process put there meanwhile goes back.
 */
async function removeStale(path: string, held: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await rename(path, aside)
  } catch (cause) {
    if (errno(cause) === 'ENOENT') return
    throw cause
  }
  const moved = await readFile(aside, 'utf8')
  if (moved !== held) await link(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
}

function holderOf(text: string): number | undefined {
  try {
    const { pid } = JSON.parse(text) as { pid?: unknown }
    return typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (cause) {
    return errno(cause) !== 'ESRCH'
  }
}

function lockedFault(path: string, pid: number | undefined): Fault {
  return new Fault('not.possible', `${holderName(pid)} is writing there: ${plain(path)}`, {
    hint: `Try again in a moment. If nothing is writing there, remove ${plain(path)}`,
  })
}

function holderName(pid: number | undefined): string {
  if (pid === undefined) return 'another process'
  return pid === process.pid ? 'this deck' : `process ${pid}`
}
