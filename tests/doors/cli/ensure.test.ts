import { mkdtempSync, writeFileSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deckHome, type Home } from '../../../src/config/home.ts'
import { answers, ensureSupervisor } from '../../../src/doors/cli/ensure.ts'
import { TAKEN_EXIT } from '../../../src/doors/cli/launch.ts'
import { until } from '../../support/until.ts'

/** Stands in for a supervisor: takes the lock or leaves with the agreed code, then listens and notes that it lives. */
const KEEPER = `
import { appendFileSync, openSync } from 'node:fs'
import { createServer } from 'node:net'
const home = process.env.CLAWDECK_HOME
try { openSync(home + '/supervisor.lock', 'wx') } catch { process.exit(${TAKEN_EXIT}) }
appendFileSync(home + '/lives', process.pid + ' ' + process.argv.slice(2).join(' ') + '\\n')
const server = createServer((socket) => socket.resume())
setTimeout(() => server.listen(home + '/run/deck.sock'), Number(process.env.SLOW ?? 0))
`

let home: Home
let keeper: string
const children: number[] = []

beforeEach(() => {
  home = deckHome({ CLAWDECK_HOME: mkdtempSync(join(tmpdir(), 'deck-ensure-')) })
  keeper = join(home.root, 'keeper.mjs')
  writeFileSync(keeper, KEEPER)
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
  args: [keeper, 'supervisor', 'run'],
})

test('starts one when none answers, detached and lean, and uses it from then on', async () => {
  expect(await ensureSupervisor(home, process.env, launch())).toBe('started')
  expect(await answers(home.socket)).toBe(true)
  expect(await ensureSupervisor(home, process.env, launch())).toBe('there')
  expect((await lives()).map(([, ...words]) => words)).toEqual([['supervisor', 'run']])
})

test('the demo says so', async () => {
  await ensureSupervisor(home, process.env, { ...launch(), demo: true })
  expect((await lives())[0]?.slice(1)).toEqual(['supervisor', 'run', '--demo'])
})

test('of several at once one remains, and all use it, even when it takes its time', async () => {
  const all = await Promise.all(
    Array.from({ length: 4 }, () =>
      ensureSupervisor(home, { ...process.env, SLOW: '300' }, launch()),
    ),
  )
  expect(all).toHaveLength(4)
  expect(await lives()).toHaveLength(1)
})

test('a stale socket is no supervisor', async () => {
  await mkdir(home.run, { recursive: true })
  writeFileSync(home.socket, '')
  expect(await answers(home.socket)).toBe(false)
})

test('one that dies says why, from its log', async () => {
  writeFileSync(keeper, 'console.error("config.yaml:3: no such key"); process.exit(2)')
  await expect(ensureSupervisor(home, process.env, launch())).rejects.toMatchObject({
    code: 'supervisor.unavailable',
    message: 'the supervisor ended at once (exit 2)',
    cause: { message: 'config.yaml:3: no such key' },
    hint: expect.stringContaining('doctor'),
  })
})

test('one that never answers is given up on', async () => {
  await expect(
    ensureSupervisor(home, { ...process.env, SLOW: '60000' }, launch(), 400),
  ).rejects.toMatchObject({
    code: 'supervisor.unavailable',
    message: expect.stringContaining('within 0.4 s'),
  })
  await until('it can be ended', async () => (await lives()).length > 0)
})

test('a program that is not there is told apart', async () => {
  await expect(
    ensureSupervisor(home, process.env, { command: join(home.root, 'no-node'), args: [] }),
  ).rejects.toMatchObject({ message: expect.stringContaining('cannot be started') })
})
