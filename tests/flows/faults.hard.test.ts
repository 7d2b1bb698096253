import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Approval } from '../../src/domain/approvals/types.ts'
import type { DeckEvent } from '../../src/journal/types.ts'
import { yesTo } from '../support/confirmed.ts'
import { ManualClock } from '../support/clock.ts'
import { OPERATOR, TestAgent, TestDeck } from '../support/deck.ts'
import { diskReason, SmallDisk } from '../support/disk.ts'
import { tempFolder } from '../support/journal.ts'
import { seeded } from '../support/random.ts'
import { SupervisorProcess } from '../support/supervisor-process.ts'
import { until } from '../support/until.ts'

const cleanups: (() => unknown)[] = []
const onEnd = (act: () => unknown) => {
  cleanups.push(act)
}
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const open = (clock?: ManualClock) => new TestDeck(onEnd, clock).start()
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

async function process(folder = tempFolder(onEnd)): Promise<SupervisorProcess> {
  const supervisor = new SupervisorProcess(folder)
  onEnd(() => supervisor.end())
  return supervisor.start()
}

describe('one supervisor per deck', () => {
  it('turns a second one away, with the exit code that says why, and goes on', async () => {
    const first = await process()
    const second = new SupervisorProcess(first.home.root)
    const [code] = (await once(second.spawn(), 'exit')) as [number]
    expect(code).toBe(75)
    expect(first.log()).toMatch(/another supervisor runs this deck \(process \d+\)/)
    expect(await first.link.do('agent.list')).toEqual([])
  })

  it('starts over the sockets that a killed one left', async () => {
    const supervisor = await process()
    await supervisor.link.do('agent.create', { template: 'coder', agent: 'a1' })
    await supervisor.link.do('agent.start', { agent: 'a1' })
    await supervisor.kill()
    const { door } = supervisor.home.agent('a1')
    expect([existsSync(supervisor.home.socket), existsSync(door)]).toEqual([true, true])
    await supervisor.start()
    // Its own door opens after a moment, but does not wait for every agent's.
    const heard = await until("the agent's door is open", () =>
      new TestAgent('a1', door).exec('git status').catch(() => undefined),
    )
    expect(heard).toMatchObject({ decision: 'allow' })
  })

  it('keeps its sockets, its journal and its folders to their owner', async () => {
    const { home, link } = await process()
    await link.do('agent.create', { template: 'coder', agent: 'a1' })
    await link.do('agent.start', { agent: 'a1' })
    // Mirrors and the search index follow the journal.
    for (const file of [home.mirror, home.agent('a1').mirror, home.searchIndex])
      await until(`${file} is written`, () => existsSync(file))
    for (const file of [
      home.socket,
      home.agent('a1').door,
      home.database,
      home.mirror,
      home.agent('a1').mirror,
      home.searchIndex,
    ])
      expect(modeOf(file), file).toBe('600')
    for (const folder of [
      home.root,
      home.run,
      dirname(home.agent('a1').door),
      home.agents,
      home.secrets,
    ])
      expect(modeOf(folder), folder).toBe('700')
  })
})

describe('a lock that was tampered with', () => {
  it('keeps the agent from starting, and closes the door of one that runs', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    const { lock } = deck.home.agent('a1')
    writeFileSync(lock, readFileSync(lock, 'utf8').replace('"maxAutoRisk":40', '"maxAutoRisk":99'))
    await deck.deck.supervisor.reconcile()
    expect(await deck.deck.agents.get('a1')).toMatchObject({ phase: 'drifted', door: '' })
    await expect(a1.exec('git status')).rejects.toMatchObject({
      code: expect.stringMatching(/ENOENT|ECONNREFUSED/) as string,
    })
    await expect(deck.deck.agents.start('a1', false, OPERATOR)).rejects.toMatchObject({
      code: 'drift',
      message: expect.stringContaining('signature') as string,
    })
  })

  it('denies what was waiting when it shows', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    const { id } = await a1.exec('git push origin main')
    writeFileSync(deck.home.agent('a1').lock, '{}')
    await deck.deck.supervisor.reconcile()
    expect(await deck.deck.approvals.get(id)).toMatchObject({ state: 'expired' })
  })
})

describe('policies.yaml with a mistake', () => {
  it('keeps the last good policies, and says where the mistake is', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    await deck.deck.policy.add(
      { effect: 'block', type: 'exec', target: 'deploy *', reason: 'not today' },
      OPERATOR,
    )
    writeFileSync(deck.home.policies, 'policies:\n  - effect: alow\n    target: "*"\n')
    const { body } = await deck.event(
      (e) =>
        e.type === 'policies.changed' && (e as DeckEvent<'policies.changed'>).body.problem !== null,
    )
    expect(body).toMatchObject({
      problem: expect.stringMatching(/line 2.*alow|alow.*line 2|effect/s) as string,
    })
    expect(await a1.exec('deploy all')).toMatchObject({
      decision: 'block',
      reasons: [{ layer: 'policy' }],
    })
    expect(await a1.exec('anything else')).toMatchObject({ pending: true })
  })
})

describe('garbage', () => {
  it("at the operator's socket and at a guard door changes nothing", async () => {
    const supervisor = await process()
    await supervisor.link.do('agent.create', { template: 'coder', agent: 'a1' })
    await supervisor.link.do('agent.start', { agent: 'a1' })
    const { door } = supervisor.home.agent('a1')
    const random = seeded(7)
    for (const socket of [supervisor.home.socket, door]) {
      await Promise.all(garbage(random).map((bytes) => sent(socket, bytes)))
    }
    expect(await new TestAgent('a1', door).exec('git status')).toMatchObject({ decision: 'allow' })
    expect(await supervisor.link.do('agent.list')).toMatchObject([{ name: 'a1', phase: 'up' }])
    expect(supervisor.log()).not.toMatch(/defect/)
  })
})

/** Noise, and requests that go wrong at each place where they can. */
function garbage(random: () => number): Buffer[] {
  const noise = Array.from({ length: 30 }, () =>
    Buffer.from(
      Array.from({ length: 1 + Math.floor(random() * 400) }, () => Math.floor(random() * 256)),
    ),
  )
  const post = (path: string, body: string) =>
    `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
  const requests = [
    'GET',
    'GET / HTTP/9.9\r\n\r\n',
    'GET //[ HTTP/1.1\r\nhost: x\r\n\r\n',
    'GET /%00%ff HTTP/1.1\r\nhost: x\r\n\r\n',
    `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(3000)}\r\n`,
    'POST /v1/do/agent.list HTTP/1.1\r\nhost: x\r\ncontent-length: 999999999\r\n\r\n{',
    'POST /v1/ask HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    'GET /v1/shells/%2e%2e/attach HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: clawdeck-pty\r\n\r\n',
    'GET //[ HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: x\r\n\r\n',
    ...[
      '{',
      '[]',
      'null',
      '{"agent":{"__proto__":1}}',
      '{"agent":"../../etc"}',
      '"\\ud800"',
      `"${'x'.repeat(2_000_000)}"`,
    ].flatMap((body) => [
      post('/v1/do/agent.get', body),
      post('/v1/do/__proto__', body),
      post('/v1/ask', body),
    ]),
  ]
  return [...noise, ...requests.map((text) => Buffer.from(text))]
}

/** Sends bytes and hangs up; resolves when the other side has closed as well. */
function sent(path: string, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.on('error', () => socket.destroy()).on('close', () => resolve())
    socket.resume().end(bytes)
  })
}

describe('a clock that jumps', () => {
  it('never makes a question or a lease last longer, not even over a restart', async () => {
    const clock = new ManualClock()
    const deck = await open(clock)
    const a1 = await deck.agent('a1')
    await deck.deck.approvals.allow(
      (await a1.exec('git push origin main')).id,
      { lease: { uses: 9, minutes: 10, target: 'git push *' } },
      OPERATOR,
    )
    const { id } = await a1.exec('npm install left-pad')
    await deck.stop()
    clock.jump(-24 * 60 * 60_000)
    await deck.start()
    clock.advance(5 * 60_000)
    await deck.event((e) => e.type === 'approval.expired')
    expect(await a1.wait(id, 0)).toMatchObject({
      decision: 'block',
      reasons: [{ layer: 'expiry' }],
    })
    clock.advance(5 * 60_000)
    await deck.event((e) => e.type === 'lease.expired')
    expect(await a1.exec('git push origin dev')).toMatchObject({ pending: true })
  })

  it('forwards, lets nobody allow what is over', async () => {
    const clock = new ManualClock()
    const deck = await open(clock)
    const a1 = await deck.agent('a1')
    const { id } = await a1.exec('git push origin main')
    clock.jump(24 * 60 * 60_000)
    await expect(deck.deck.approvals.allow(id, {}, OPERATOR)).rejects.toMatchObject({
      code: 'approval.decided',
    })
    expect(await a1.wait(id, 0)).toMatchObject({ decision: 'block', pending: false })
    await deck.stop()
    await deck.start()
    expect(await a1.wait(id, 0)).toMatchObject({ decision: 'block' })
  })
})

const noDisk = diskReason()

describe.skipIf(noDisk !== undefined)(
  `a full disk${noDisk === undefined ? '' : ` (${noDisk})`}`,
  () => {
    it('lets no supervisor start, and says what to do', async () => {
      const disk = new SmallDisk(onEnd)
      const supervisor = new SupervisorProcess(disk.path)
      disk.fill()
      const child = supervisor.spawn('pipe')
      let said = ''
      child.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
      const [code] = (await once(child, 'close')) as [number]
      expect(code).toBe(5)
      expect(said).toMatch(/disk.*Free disk space/)
    })

    it('denies with the reason, acknowledges nothing, and goes on when there is room again', async () => {
      const disk = new SmallDisk(onEnd)
      const supervisor = await process(disk.path)
      await supervisor.link.do('agent.create', { template: 'coder', agent: 'a1' })
      await supervisor.link.do('agent.start', { agent: 'a1' })
      const a1 = new TestAgent('a1', supervisor.home.agent('a1').door)
      const { id } = await a1.exec('git push origin main')
      const yes = yesTo((await supervisor.link.do('approval.get', { id })) as Approval)

      disk.fill()
      const denied = await until('the disk is full for the journal too', async () => {
        const heard = await a1.exec('git status')
        return heard.decision === 'block' ? heard : undefined
      })
      expect(denied).toMatchObject({
        decision: 'block',
        pending: false,
        reasons: [
          { layer: 'supervisor', text: expect.stringMatching(/cannot be written/) as string },
        ],
      })
      await expect(supervisor.link.do('approval.allow', yes)).rejects.toMatchObject({
        code: 'journal.unwritable',
      })
      expect(await a1.wait(id, 0)).toMatchObject({ pending: true })

      disk.free()
      expect(await a1.exec('git status')).toMatchObject({ decision: 'allow' })
      await supervisor.link.do('approval.allow', yes)
      expect(await a1.wait(id, 0)).toMatchObject({ decision: 'allow' })
      expect(await supervisor.link.do('audit.verify', {})).toMatchObject({ ok: true, problems: [] })
      expect(await supervisor.link.do('audit.rebuild', {})).toMatchObject({ same: true })
      await supervisor.kill()
      await supervisor.start()
      expect(await supervisor.link.do('audit.verify', {})).toMatchObject({ ok: true, problems: [] })
    })
  },
)
