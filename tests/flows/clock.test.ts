import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../support/clock.ts'
import { OPERATOR, TestDeck, type TestAgent } from '../support/deck.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const cleanups: (() => unknown)[] = []
const onEnd = (act: () => unknown) => {
  cleanups.push(act)
}
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

interface Fleet {
  clock: ManualClock
  deck: TestDeck
  a1: TestAgent
}

async function open(): Promise<Fleet> {
  const clock = new ManualClock()
  const deck = await new TestDeck(onEnd, clock).start()
  return { clock, deck, a1: await deck.agent('a1') }
}

async function restarted({ deck, clock }: Fleet, setBack = 0): Promise<void> {
  await deck.stop()
  clock.jump(-setBack)
  await deck.start()
}

const push = (a1: TestAgent) => a1.exec('git push origin main')

async function grantLease({ deck, a1 }: Fleet, minutes = 10): Promise<string> {
  const { id } = await push(a1)
  const lease = { uses: 99, minutes, target: 'git push *' }
  const approval = await deck.deck.approvals.allow(id, { lease }, OPERATOR)
  return approval.lease ?? ''
}

describe('an approval that was refused because its time is over', () => {
  const refused = { code: 'approval.decided' }

  /** The clock is set forward, so that no timer has come due, and somebody is told that it is over. */
  async function reportedExpired(fleet: Fleet): Promise<string> {
    const { id } = await push(fleet.a1)
    fleet.clock.jump(6 * MINUTE)
    await expect(fleet.deck.deck.approvals.allow(id, {}, OPERATOR)).rejects.toMatchObject(refused)
    return id
  }

  it('cannot be allowed once the clock is set back three days', async () => {
    const fleet = await open()
    const id = await reportedExpired(fleet)
    fleet.clock.jump(-3 * DAY)
    await expect(fleet.deck.deck.approvals.allow(id, {}, OPERATOR)).rejects.toMatchObject(refused)
    expect(await fleet.a1.wait(id, 0)).toMatchObject({ decision: 'block', pending: false })
  })

  it('cannot be allowed after a restart with the clock set back either', async () => {
    const fleet = await open()
    const id = await reportedExpired(fleet)
    await restarted(fleet, 3 * DAY)
    await expect(fleet.deck.deck.approvals.allow(id, {}, OPERATOR)).rejects.toMatchObject(refused)
  })

  it('cannot be allowed after a crash right after the refusal', async () => {
    const fleet = await open()
    const id = await reportedExpired(fleet)
    fleet.clock.jump(-3 * DAY)
    await fleet.deck.crash()
    await fleet.deck.start()
    await expect(fleet.deck.deck.approvals.allow(id, {}, OPERATOR)).rejects.toMatchObject(refused)
    expect(await fleet.deck.deck.approvals.get(id)).toMatchObject({ state: 'expired' })
  })
})

describe('a lease that has ended', () => {
  it('allows nothing again once the clock is set back, nor after a restart', async () => {
    const fleet = await open()
    const { clock, a1 } = fleet
    await grantLease(fleet)
    expect(await push(a1)).toMatchObject({ decision: 'allow' })
    clock.jump(11 * MINUTE)
    expect(await push(a1)).toMatchObject({ pending: true })
    clock.jump(-3 * DAY)
    expect(await push(a1)).toMatchObject({ pending: true })
    await restarted(fleet, 3 * DAY)
    expect(await push(a1)).toMatchObject({ pending: true })
  })
})

describe('a lease in force', () => {
  it('still ends when it should, if the clock is set back three days before that', async () => {
    const fleet = await open()
    const { clock, deck, a1 } = fleet
    await grantLease(fleet)
    clock.jump(-3 * DAY)
    expect(await push(a1)).toMatchObject({ decision: 'allow' })
    clock.advance(10 * MINUTE)
    await deck.event(({ type }) => type === 'lease.expired')
    expect(await push(a1)).toMatchObject({ pending: true })
  })
})

describe('a learned rule with an end', () => {
  it('says nothing again once its end was passed, wherever the clock is set then', async () => {
    const fleet = await open()
    const { clock, deck, a1 } = fleet
    const { id } = await push(a1)
    await deck.deck.rules.propose(
      { approval: id, width: 'exact', decision: 'allow', scope: 'project', days: 1 },
      OPERATOR,
    )
    expect(await push(a1)).toMatchObject({ decision: 'allow' })
    clock.jump(2 * DAY)
    expect(await push(a1)).toMatchObject({ pending: true })
    clock.jump(-3 * DAY)
    expect(await push(a1)).toMatchObject({ pending: true })
    await restarted(fleet, 3 * DAY)
    expect(await push(a1)).toMatchObject({ pending: true })
  })
})

describe('the journal', () => {
  it('never dates an event before an earlier one, and says how far the clock is behind', async () => {
    const fleet = await open()
    const { deck, clock, a1 } = fleet
    await push(a1)
    clock.jump(-3 * DAY)
    await push(a1)
    expect(await deck.deck.supervisor.status()).toMatchObject({ clockBehindMs: 3 * DAY })
    await restarted(fleet)
    await push(a1)
    const times = deck.events().map(({ at }) => at)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(deck.log.join('\n')).toMatch(/clock .* 3 d(ays)? behind/)
  })
})

type Step =
  | { kind: 'jump' | 'advance'; ms: number }
  | { kind: 'restart'; ms: number }
  | { kind: 'ask' }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('jump' as const),
    ms: fc.integer({ min: -5 * DAY, max: 12 * MINUTE }),
  }),
  fc.record({
    kind: fc.constant('advance' as const),
    ms: fc.integer({ min: 0, max: 4 * MINUTE }),
  }),
  fc.record({
    kind: fc.constant('restart' as const),
    ms: fc.integer({ min: -2 * DAY, max: 2 * DAY }),
  }),
  fc.constant({ kind: 'ask' as const }),
)

describe('whatever the clock does', () => {
  it('what was over once is over for good', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
        const fleet = await open()
        const { clock, deck, a1 } = fleet
        await grantLease(fleet)
        let over = false
        for (const { kind, ...by } of [...steps, { kind: 'ask' as const }]) {
          const ms = 'ms' in by ? by.ms : 0
          if (kind === 'jump') clock.jump(ms)
          else if (kind === 'advance') clock.advance(ms)
          else if (kind === 'restart') await restarted(fleet, ms)
          else {
            const { decision } = await push(a1)
            if (over) expect(decision).not.toBe('allow')
            over ||= decision !== 'allow'
          }
        }
        const times = deck.events().map(({ at }) => at)
        expect(times).toEqual(times.toSorted((a, b) => a - b))
        await deck.stop()
      }),
      { numRuns: 8 },
    )
  })
})
