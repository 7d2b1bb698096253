import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Approval } from '../../../src/domain/approvals/types.ts'
import { writeFreezeMark } from '../../../src/supervisor/freeze-marks.ts'
import { ManualClock } from '../../support/clock.ts'
import { OPERATOR, TestDeck, type TestAgent } from '../../support/deck.ts'
import { OutsideDeck } from '../../support/outside-deck.ts'
import { until } from '../../support/until.ts'

const MINUTE_MS = 60_000
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

let clock: ManualClock
let deck: TestDeck
let a1: TestAgent
beforeEach(async () => {
  clock = new ManualClock()
  deck = await new TestDeck((act) => cleanups.push(act), clock).start()
  a1 = await deck.agent('a1')
})

const freezing = () => deck.deck.freezing
const isPaused = (agent: string) => deck.memory.pods.factsOf(agent).paused
const types = () => deck.events().map(({ type }) => type)
const question = async (id: string): Promise<Approval> => deck.deck.approvals.get(id)

describe('an agent that an operator freezes', () => {
  test('has its pod paused, and says since when and by whom', async () => {
    const report = await freezing().freeze('a1', 'it looks wrong', OPERATOR)
    expect(report).toMatchObject({ agents: ['a1'], failed: [] })
    expect(isPaused('a1')).toBe(true)
    expect(await deck.deck.agents.get('a1')).toMatchObject({
      phase: 'up',
      frozen: { by: OPERATOR, why: 'it looks wrong', held: true, withFleet: false },
    })
    await freezing().thaw('a1', OPERATOR)
    expect(isPaused('a1')).toBe(false)
    const after = await deck.deck.agents.get('a1')
    expect([after.frozen, after.thawing]).toEqual([undefined, undefined])
    expect(types().filter((type) => /frozen|paused|thawed|resumed/.test(type))).toEqual([
      'agent.frozen',
      'agent.paused',
      'agent.thawed',
      'agent.resumed',
    ])
  })

  test('keeps its question: it neither expires nor is decided, and has as much time left', async () => {
    const { id } = await a1.exec('npm install left-pad')
    clock.advance(4 * MINUTE_MS)
    await freezing().freeze('a1', '', OPERATOR)
    clock.advance(60 * MINUTE_MS)
    expect(await question(id)).toMatchObject({ state: 'pending' })
    for (const decide of [
      () => deck.deck.approvals.allow(id, {}, OPERATOR),
      () => deck.deck.approvals.deny(id, {}, OPERATOR),
    ])
      await expect(decide()).rejects.toMatchObject({
        code: 'not.possible',
        message: expect.stringContaining('a1 is frozen'),
      })
    await freezing().thaw('a1', OPERATOR)
    const { expiresAt } = await question(id)
    expect(expiresAt - clock.now()).toBe(MINUTE_MS)
    expect(await deck.deck.approvals.allow(id, {}, OPERATOR)).toMatchObject({ state: 'allowed' })
    expect(await a1.wait(id)).toMatchObject({ decision: 'allow' })
  })

  test('loses its question after it was thawed, when that time is over', async () => {
    const { id } = await a1.exec('npm install left-pad')
    clock.advance(4 * MINUTE_MS)
    await freezing().freeze('a1', '', OPERATOR)
    clock.advance(60 * MINUTE_MS)
    await freezing().thaw('a1', OPERATOR)
    clock.advance(MINUTE_MS)
    await until('it expired', async () => (await question(id)).state === 'expired')
  })

  test('is answered what it had just asked once it is thawed', async () => {
    const b1 = await deck.agent('b1')
    await freezing().freeze('a1', '', OPERATOR)
    const answer = a1.exec('git status')
    await b1.exec('git status')
    const decided = () => deck.events().filter(({ type }) => type === 'action.decided')
    expect(decided().map(({ subject }) => subject)).toEqual(['b1'])
    await freezing().thaw('a1', OPERATOR)
    expect(await answer).toMatchObject({ decision: 'allow' })
  })

  test('is not started, restarted or entered, but it is stopped', async () => {
    await freezing().freeze('a1', '', OPERATOR)
    const { agents, shells } = deck.deck
    const frozen = { code: 'not.possible', message: expect.stringMatching(/a1 is frozen/) }
    await expect(agents.restart('a1', OPERATOR)).rejects.toMatchObject(frozen)
    await expect(shells.open('a1', { columns: 80, rows: 24 }, OPERATOR)).rejects.toMatchObject(
      frozen,
    )
    expect(await agents.stop('a1', OPERATOR)).toMatchObject({ phase: 'stopped' })
    await expect(agents.start('a1', false, OPERATOR)).rejects.toMatchObject(frozen)
    await freezing().thaw('a1', OPERATOR)
    expect(await agents.start('a1', false, OPERATOR)).toMatchObject({ phase: 'up' })
    expect(isPaused('a1')).toBe(false)
  })

  test('that dies meanwhile is said to have ended', async () => {
    await freezing().freeze('a1', '', OPERATOR)
    deck.memory.pods.crash('a1', 9)
    expect(await deck.event(({ type }) => type === 'agent.exited')).toMatchObject({
      body: { note: 'the pod ended with exit code 9 while frozen' },
    })
  })

  test('stays frozen when somebody else lets its pod go on', async () => {
    await freezing().freeze('a1', '', OPERATOR)
    deck.memory.pods.resume('a1')
    await deck.deck.supervisor.reconcile()
    await until('it is paused again', () => isPaused('a1'))
  })

  test('is paused also where nothing can be written down, and that is said', async () => {
    const { store } = deck.running.composed.record
    store.pragma('query_only = ON')
    await expect(freezing().freeze('a1', '', OPERATOR)).rejects.toMatchObject({
      message: expect.stringContaining('1 pods were paused, but'),
    })
    store.pragma('query_only = OFF')
    expect(isPaused('a1')).toBe(true)
    await deck.deck.supervisor.reconcile()
    expect(await deck.event(({ type }) => type === 'agent.frozen')).toMatchObject({
      actor: 'supervisor',
      body: { why: 'its pod was paused outside of the deck' },
    })
  })
})

describe('a frozen fleet', () => {
  test('takes in what is created later, and lets go on who was not frozen alone', async () => {
    await deck.agent('b1')
    await freezing().freeze('b1', 'alone', OPERATOR)
    clock.advance(MINUTE_MS)
    await freezing().freezeAll('all', OPERATOR)
    expect(['a1', 'b1'].map(isPaused)).toEqual([true, true])
    await deck.deck.agents.create({ template: 'coder', agent: 'c1', backend: 'memory' }, OPERATOR)
    await expect(deck.deck.agents.start('c1', false, OPERATOR)).rejects.toMatchObject({
      code: 'not.possible',
    })
    expect(freezing().thawable()).toEqual(['a1', 'c1'])
    expect(await freezing().thawAll(OPERATOR)).toMatchObject({
      agents: ['a1', 'c1'],
      stillFrozen: ['b1'],
    })
    expect(['a1', 'b1'].map(isPaused)).toEqual([false, true])
    expect(await deck.deck.agents.start('c1', false, OPERATOR)).toMatchObject({ phase: 'up' })
  })

  test('is frozen with whatever the same person froze just before: the key was pressed twice', async () => {
    await deck.agent('b1')
    await freezing().freeze('b1', '', OPERATOR)
    await freezing().freezeAll('', OPERATOR)
    expect(await freezing().thawAll(OPERATOR)).toMatchObject({ stillFrozen: [] })
    expect(['a1', 'b1'].map(isPaused)).toEqual([false, false])
  })

  test('lets a single agent go on', async () => {
    await deck.agent('b1')
    await freezing().freezeAll('', OPERATOR)
    await freezing().thaw('a1', OPERATOR)
    expect(['a1', 'b1'].map(isPaused)).toEqual([false, true])
    expect(await a1.exec('git status')).toMatchObject({ decision: 'allow' })
    await freezing().freezeAll('', OPERATOR)
    expect(isPaused('a1')).toBe(true)
  })

  test('refuses what agents outside of pods ask, with the reason', async () => {
    const outside = await OutsideDeck.open((act) => cleanups.push(act))
    const far = await outside.trust(outside.agent())
    await outside.deck.deck.freezing.freezeAll('a drill', OPERATOR)
    const { decision, reasons } = (await far.exec('git status')) as {
      decision: string
      reasons: { text: string }[]
    }
    expect(decision).toBe('block')
    expect(reasons[0]?.text).toContain('frozen by')
    await outside.deck.deck.freezing.thawAll(OPERATOR)
    expect(await far.exec('git status')).toMatchObject({ decision: 'allow' })
  })
})

describe('a supervisor that starts', () => {
  test('after a crash keeps frozen what was, with its questions', async () => {
    const { id } = await a1.exec('npm install left-pad')
    await freezing().freeze('a1', '', OPERATOR)
    await deck.crash()
    clock.advance(60 * MINUTE_MS)
    await deck.start()
    expect(isPaused('a1')).toBe(true)
    expect(await question(id)).toMatchObject({ state: 'pending' })
    await freezing().thaw('a1', OPERATOR)
    expect(isPaused('a1')).toBe(false)
    await deck.deck.approvals.allow(id, {}, OPERATOR)
    expect(await a1.wait(id)).toMatchObject({ decision: 'allow' })
  })

  test('finds pods that were paused without it, and freezes their agents', async () => {
    await deck.stop()
    deck.memory.pods.pause('a1')
    await deck.start()
    await deck.deck.supervisor.reconcile()
    expect(await deck.event(({ type }) => type === 'agent.frozen')).toMatchObject({
      subject: 'a1',
      body: { why: 'its pod was paused outside of the deck' },
    })
  })

  test('learns what was frozen without it, and by whom; a question of then waits on', async () => {
    const { id } = await a1.exec('npm install left-pad')
    await deck.crash()
    clock.advance(2 * MINUTE_MS)
    const by = 'operator:maya/cli'
    const at = clock.now()
    await writeFreezeMark(deck.home.freezeMarks, { at, by, agent: null, why: 'at night' })
    deck.memory.pods.pause('a1')
    clock.advance(60 * MINUTE_MS)
    await deck.start()
    expect(deck.events().find(({ type }) => type === 'fleet.frozen')).toMatchObject({
      actor: by,
      body: { why: 'at night', since: at },
    })
    expect(deck.log.join('\n')).toContain('the fleet was frozen while no supervisor answered')
    expect(await question(id)).toMatchObject({ state: 'pending', heldSince: at })
    await freezing().thawAll(OPERATOR)
    const { expiresAt } = await question(id)
    expect(expiresAt - clock.now()).toBe(3 * MINUTE_MS)
    expect(isPaused('a1')).toBe(false)
  })
})
