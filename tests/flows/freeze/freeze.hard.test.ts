import { execFile } from 'node:child_process'
import { readFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import type { Agent } from '../../../src/domain/agents/types.ts'
import type { Approval } from '../../../src/domain/approvals/types.ts'
import type { DeckEvent } from '../../../src/journal/types.ts'
import { tempFolder } from '../../support/journal.ts'
import { TestAgent } from '../../support/deck.ts'
import { SupervisorProcess } from '../../support/supervisor-process.ts'
import { until } from '../../support/until.ts'

const PROGRAM = fileURLToPath(new URL('../../../dist/main.js', import.meta.url))
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

/** A supervisor with one agent that counts in its workspace, and asks something. */
async function atWork() {
  const root = tempFolder((act) => cleanups.push(act))
  const supervisor = new SupervisorProcess(root, 'approvals: { expiryMinutes: 5 }\n')
  cleanups.push(() => supervisor.end())
  await supervisor.start()
  await supervisor.link.do('agent.create', { template: 'coder', agent: 'a1' })
  await supervisor.link.do('agent.start', { agent: 'a1' })
  const file = join(supervisor.home.agent('a1').workspace, 'count')
  const script = 'i=0; while :; do i=$((i+1)); echo $i >count; sleep 0.02; done'
  // What a command leaves running is ended with it, unless it has none of its marks.
  const outliving = `env -u CLAWDECK_SESSION setsid -f sh -c '${script}' </dev/null >/dev/null 2>&1`
  const counting = supervisor.link.stream(
    'agent.exec',
    { agent: 'a1', argv: ['sh', '-c', outliving] },
    new AbortController().signal,
  )
  for await (const _ of counting) continue
  const count = () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0)
  await until('it counts', () => count() > 2)
  const asked = await new TestAgent('a1', supervisor.home.agent('a1').door).exec('npm install x')
  const env = {
    PATH: process.env['PATH'],
    HOME: root,
    CLAWDECK_HOME: root,
    CLAWDECK_LOCAL_PLAIN: '1',
    USER: 'maya',
  }
  /** Types a command, and returns what it printed. */
  const types = async (...words: string[]) =>
    (await promisify(execFile)(process.execPath, [PROGRAM, ...words], { env })).stdout
  return { supervisor, count, asked, types }
}

/** Whether nothing is counted while another process of this machine does something. */
async function stands(count: () => number): Promise<boolean> {
  const before = count()
  await promisify(execFile)('sleep', ['0.3'])
  return count() === before
}

const question = async ({ link }: SupervisorProcess): Promise<Approval> =>
  ((await link.do('approval.list', { state: 'all' })) as Approval[])[0] as Approval

describe('a freeze', () => {
  it('outlives a supervisor that is killed, and a thaw goes on with work and question', async () => {
    const { supervisor, count, asked } = await atWork()
    await supervisor.link.do('agent.freeze', { agent: 'a1' })
    expect(await stands(count)).toBe(true)
    await supervisor.kill()
    expect(await stands(count)).toBe(true)
    await supervisor.start()
    expect(await stands(count)).toBe(true)
    const [a1] = (await supervisor.link.do('agent.list')) as Agent[]
    expect(a1?.frozen).toMatchObject({ held: true, problem: '' })
    expect(await question(supervisor)).toMatchObject({ id: asked.id, state: 'pending' })
    const before = count()
    await supervisor.link.do('agent.thaw', { agent: 'a1' })
    await until('it goes on', () => count() > before)
    const { heldSince, state } = await question(supervisor)
    expect([heldSince, state]).toEqual([undefined, 'pending'])
  })

  it('is done by the command line alone when the supervisor is dead', async () => {
    const { supervisor, count, types } = await atWork()
    await supervisor.kill()
    const said = JSON.parse(
      await types('freeze', '--all', '--why', 'at night', '--json'),
    ) as unknown
    expect(said).toEqual({ paused: ['a1'], failed: [], unmarked: '' })
    expect(await stands(count)).toBe(true)
    await supervisor.start()
    expect(await stands(count)).toBe(true)
    const events = (await supervisor.link.do('audit.search', { text: ['night'] })) as unknown
    expect(JSON.stringify(events)).toContain('at night')
    const [a1] = (await supervisor.link.do('agent.list')) as Agent[]
    expect(a1?.frozen).toMatchObject({ by: 'operator:maya/cli', held: true, withFleet: true })
    const before = count()
    expect(await types('thaw', '--all')).toContain('Thawed: a1')
    await until('it goes on', () => count() > before)
  })

  it('is done by a signal', async () => {
    const { supervisor, count } = await atWork()
    const { pid } = (await supervisor.link.do('supervisor.status')) as { pid: number }
    process.kill(pid, 'SIGUSR2')
    await until('frozen', async () => {
      const [a1] = (await supervisor.link.do('agent.list')) as Agent[]
      return a1?.frozen?.held === true
    })
    expect(await stands(count)).toBe(true)
    await supervisor.link.do('fleet.thaw')
  })

  it(
    'is done by the command line alone when the supervisor hangs',
    { timeout: 120_000 },
    async () => {
      const { supervisor, count, types } = await atWork()
      const { pid } = (await supervisor.link.do('supervisor.status')) as { pid: number }
      process.kill(pid, 'SIGSTOP')
      try {
        expect(await types('freeze', 'a1')).toContain('pods were paused directly: 1 pod (a1)')
        expect(await stands(count)).toBe(true)
      } finally {
        process.kill(pid, 'SIGCONT')
      }
      await supervisor.link.do('supervisor.reconcile')
      const tail = supervisor.link.stream(
        'audit.tail',
        { limit: 1000, follow: true },
        new AbortController().signal,
      ) as AsyncIterable<DeckEvent>
      for await (const { type, subject } of tail)
        if (type === 'agent.frozen' && subject === 'a1') break
      expect(await stands(count)).toBe(true)
    },
  )
})
