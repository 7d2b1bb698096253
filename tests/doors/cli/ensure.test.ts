import { mkdtempSync, writeFileSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deckHome, type Home } from '../../../src/config/home.ts'
import { ensureSupervisor } from '../../../src/doors/cli/ensure.ts'
import { isListening } from '../../../src/wire/listening.ts'
import { LOCK_HELD_EXIT } from '../../../src/doors/cli/launch.ts'
import { until } from '../../support/until.ts'

/** Stands in for a supervisor: takes the lock or exits, then listens and records its start. */
const STAND_IN = `
import { appendFileSync, openSync } from 'node:fs'
import { createServer } from 'node:net'
const home = process.env.CLAWDECK_HOME
try { openSync(home + '/supervisor.lock', 'wx') } catch { process.exit(${LOCK_HELD_EXIT}) }
appendFileSync(home + '/lives', process.pid + ' ' + process.argv.slice(2).join(' ') + '\\n')
const server = createServer((socket) => socket.resume())
setTimeout(() => server.listen(home + '/run/deck.sock'), Number(process.env.SLOW ?? 0))
`

let home: Home
let standIn: string
const children: number[] = []

beforeEach(() => {
  home = deckHome({ CLAWDECK_HOME: mkdtempSync(join(tmpdir(), 'deck-ensure-')) })
  standIn = join(home.root, 'supervisor.mjs')
  writeFileSync(standIn, STAND_IN)
})

afterEach(async () => {
  for (const [pid] of await lives())
    if (!children.includes(Number(pid))) {
      children.push(Number(pid))
      process.kill(Number(pid))
    }
})

async function lives(): Promise<string[][]> {
  return (await readFile(join(home.root, 'lives'), 'utf8').catch(() => ''))
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '))
}

const launch = (): { command: string; args: string[] } => ({
  command: process.execPath,
  args: [standIn, 'supervisor', 'run'],
})

test('starts a supervisor if none answers, and uses it from then on', async () => {
  expect(await ensureSupervisor(home, process.env, launch())).toBe('started')
  expect(await isListening(home.socket)).toBe(true)
  expect(await ensureSupervisor(home, process.env, launch())).toBe('running')
  expect((await lives()).map(([, ...words]) => words)).toEqual([['supervisor', 'run']])
})

test('the demo is started as one', async () => {
  await ensureSupervisor(home, process.env, { ...launch(), demo: true })
  expect((await lives())[0]?.slice(1)).toEqual(['supervisor', 'run', '--demo'])
})

test('of several started at once one remains and all use it, however slow it is', async () => {
  const all = await Promise.all(
    Array.from({ length: 4 }, () =>
      ensureSupervisor(home, { ...process.env, SLOW: '300' }, launch()),
    ),
  )
  expect(all).toHaveLength(4)
  expect(await lives()).toHaveLength(1)
})

test('a stale socket is not a supervisor', async () => {
  await mkdir(home.run, { recursive: true })
  writeFileSync(home.socket, '')
  expect(await isListening(home.socket)).toBe(false)
})

test('a supervisor that ends at once is reported with its log', async () => {
  writeFileSync(standIn, 'console.error("config.yaml:3: no such key"); process.exit(2)')
  await expect(ensureSupervisor(home, process.env, launch())).rejects.toMatchObject({
    code: 'supervisor.unavailable',
    message: 'the supervisor ended at once (exit code 2)',
    cause: { message: 'config.yaml:3: no such key' },
    hint: expect.stringContaining('doctor'),
  })
})

test('a supervisor that never answers is given up', async () => {
  await expect(
    ensureSupervisor(home, { ...process.env, SLOW: '60000' }, launch(), 400),
  ).rejects.toMatchObject({
    code: 'supervisor.unavailable',
    message: expect.stringContaining('within 0.4 s'),
  })
  await until('it has started', async () => (await lives()).length > 0)
})

test('a program that does not exist cannot be started', async () => {
  await expect(
    ensureSupervisor(home, process.env, { command: join(home.root, 'no-node'), args: [] }),
  ).rejects.toMatchObject({ message: expect.stringContaining('cannot be started') })
})
