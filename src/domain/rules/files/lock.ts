import { randomBytes } from 'node:crypto'
import { link, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { errno, Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import { createAtomic } from '../../../config/files.ts'

const NAME = '.clawdeck.lock'
const MOST = 4096

/** Does something while nobody else who asks for it does the same in a folder. Fault `not.possible` names who holds it. */
export async function withLock<T>(folder: string, run: () => Promise<T>): Promise<T> {
  const path = join(folder, NAME)
  const mine = `${JSON.stringify({ pid: process.pid, token: randomBytes(8).toString('hex') })}\n`
  await take(path, mine)
  try {
    return await run()
  } finally {
    // Whoever took it for a dead one's has his own there now.
    if ((await readFile(path, 'utf8').catch(() => '')) === mine) await rm(path, { force: true })
  }
}

async function take(path: string, mine: string): Promise<void> {
  if (await createAtomic(path, mine)) return
  const held = await readFile(path, 'utf8').then(
    (text) => text.slice(0, MOST),
    () => '',
  )
  const pid = holderOf(held)
  if (pid === undefined || isAlive(pid)) throw taken(path, pid)
  await putAside(path, held)
  if (!(await createAtomic(path, mine))) throw taken(path, undefined)
}

/** Removes a dead one's lock, and puts it back if it turns out to be another's who was faster. */
async function putAside(path: string, held: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await rename(path, aside)
  } catch (cause) {
    if (errno(cause) === 'ENOENT') return
    throw cause
  }
  const is = await readFile(aside, 'utf8')
  if (is !== held) await link(aside, path).catch(() => undefined)
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

function taken(path: string, pid: number | undefined): Fault {
  return new Fault(
    'not.possible',
    `${pid === undefined ? 'somebody' : pid === process.pid ? 'this deck' : `process ${pid}`} is writing there: ${plain(path)}`,
    { hint: `Try again in a moment. If nobody is, remove ${plain(path)}.` },
  )
}
