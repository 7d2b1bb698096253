import { execFile } from 'node:child_process'
import { copyFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import type { Answer } from '../../src/domain/approvals/types.ts'
import type { DeckEvent, Verification } from '../../src/journal/types.ts'
import { TestAgent } from '../support/deck.ts'
import { tempFolder } from '../support/journal.ts'
import { SupervisorProcess } from '../support/supervisor-process.ts'

const run = promisify(execFile)
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const COMMAND = 'echo hello'

interface Killed {
  supervisor: SupervisorProcess
  a1: TestAgent
}

/** A supervisor process whose policy allows a command, all of it in the database file. */
async function allowing(): Promise<Killed> {
  const supervisor = new SupervisorProcess(tempFolder((act) => cleanups.push(act)))
  cleanups.push(() => supervisor.end())
  await supervisor.start()
  const { link, home } = supervisor
  await link.do('agent.create', { template: 'coder', agent: 'a1' })
  await link.do('agent.start', { agent: 'a1' })
  await link.do('policy.add', { effect: 'allow', type: 'exec', target: 'echo *' })
  const a1 = new TestAgent('a1', home.agent('a1').door)
  expect(await a1.exec(COMMAND)).toMatchObject({ decision: 'allow' })
  await supervisor.terminate()
  await supervisor.start()
  return { supervisor, a1 }
}

/** Kills it, does something to its files, and starts it again. */
async function afterDeed({ supervisor }: Killed, deed: () => void): Promise<void> {
  await supervisor.kill()
  deed()
  await supervisor.start()
}

async function cli({ home }: SupervisorProcess, ...words: string[]) {
  const env = { ...process.env, CLAWDECK_HOME: home.root, CLAWDECK_LOCAL_PLAIN: '1' }
  const program = new URL('../../dist/main.js', import.meta.url).pathname
  return run(process.execPath, [program, ...words], { env }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
  )
}

async function expectCareful({ supervisor, a1 }: Killed): Promise<void> {
  const answer = (await a1.exec(COMMAND)) as unknown as Answer
  expect(answer).toMatchObject({ decision: 'require_approval', pending: true })
  expect(answer.reasons[0]?.text).toMatch(/journal is broken.*accept-loss/)
  const doctor = await cli(supervisor, 'doctor')
  expect(doctor.code).not.toBe(0)
  expect(doctor.stdout).toMatch(/journal is broken/)
  expect((await cli(supervisor, 'supervisor', 'status')).stdout).toMatch(/journal is broken/)
  expect(await cli(supervisor, 'audit', 'verify')).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/✗ broken/),
  })
}

async function expectTrusted({ supervisor, a1 }: Killed, losses: object[]): Promise<void> {
  expect(await a1.exec(COMMAND)).toMatchObject({ decision: 'allow' })
  const { stdout, code } = await cli(supervisor, 'audit', 'verify', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout) as Verification).toMatchObject({ ok: true, problems: [], losses })
}

const wal = ({ home }: SupervisorProcess) => `${home.database}-wal`

describe('a supervisor that was killed', () => {
  it('trusts its journal if nothing was done to it', async () => {
    const killed = await allowing()
    for (let kill = 0; kill < 3; kill++) {
      await killed.a1.exec(COMMAND)
      await afterDeed(killed, () => undefined)
      await expectTrusted(killed, [])
    }
  })

  it.each([
    ['all', 0],
    ['half', 0.5],
  ])(
    'is careful if %s of what it wrote last was cut off, until an owner accepts that',
    async (_, part) => {
      const killed = await allowing()
      const { supervisor, a1 } = killed
      for (let asked = 0; asked < 20; asked++) await a1.exec(COMMAND)
      await afterDeed(killed, () =>
        truncateSync(wal(supervisor), Math.floor(statSync(wal(supervisor)).size * part)),
      )
      await expectCareful(killed)
      await afterDeed(killed, () => undefined)
      await expectCareful(killed)
      const { code, stdout } = await cli(supervisor, 'audit', 'accept-loss')
      expect({ code, stdout }).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/at least \d+ events? lost/),
      })
      const [event] = (await supervisor.link.do('audit.search', {
        type: 'journal.loss_accepted',
      })) as DeckEvent<'journal.loss_accepted'>[]
      expect(event).toMatchObject({
        actor: expect.stringMatching(/^operator:[\w.-]+\/cli$/) as string,
        body: { lost: expect.any(Number) },
      })
      await expectTrusted(killed, [{ by: event?.actor, event: event?.seq }])
      await afterDeed(killed, () => undefined)
      await expectTrusted(killed, [{ by: event?.actor, event: event?.seq }])
      expect((await cli(supervisor, 'audit', 'verify')).stdout).toMatch(
        new RegExp(`✓ intact since event ${event?.seq}.*signed`),
      )
    },
  )

  it('is careful if an older copy of its database was put back', async () => {
    const killed = await allowing()
    const { supervisor, a1 } = killed
    await supervisor.terminate()
    const older = `${supervisor.home.root}/older.db`
    copyFileSync(supervisor.home.database, older)
    await supervisor.start()
    await a1.exec(COMMAND)
    await afterDeed(killed, () => {
      for (const rest of ['-wal', '-shm']) rmSync(`${supervisor.home.database}${rest}`)
      copyFileSync(older, supervisor.home.database)
    })
    await expectCareful(killed)
  })

  it('is careful if the head mark is gone', async () => {
    const killed = await allowing()
    await afterDeed(killed, () => rmSync(killed.supervisor.home.headMark))
    await expectCareful(killed)
  })
})
