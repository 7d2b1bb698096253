import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { judgeLearned } from '../../../src/domain/rules/judge.ts'
import { RuleBook } from '../../../src/domain/rules/rule-book.ts'
import type { RuleRecord } from '../../../src/domain/rules/types.ts'
import { normalise } from '../../../src/domain/policy/normalise.ts'
import { assessRisk } from '../../../src/domain/policy/risk/risk.ts'
import { ManualClock } from '../../support/clock.ts'
import { question } from '../policy/question.ts'
import { DAY, endings, openRuleDeck, RUN, WHO, type Options, type RuleDeck } from './rule-deck.ts'
import type { Learned } from '../../../src/domain/policy/types.ts'

/** A clock on the wall that can be set, while timers wait as long as they were told to. */
class WallClock extends ManualClock {
  #set = 0
  override now(): number {
    return super.now() + this.#set
  }
  override jump(ms: number): void {
    this.#set += ms
  }
}

const ends = endings()
afterEach(ends.run)
const open = (options?: Options) => openRuleDeck(ends.add, options)

/** The rules of the table, in a book of their own. */
function table({ store }: RuleDeck): { rows: Map<string, RuleRecord>; book: RuleBook } {
  const found = store
    .prepare<[], { id: string; row: string }>('SELECT id, row FROM rule ORDER BY rowid')
    .all()
  const rows = new Map(found.map(({ id, row }) => [id, JSON.parse(row) as RuleRecord]))
  const book = new RuleBook()
  for (const [id, row] of rows) book.put(id, row)
  return { rows, book }
}

/** The book that was kept says what one that is read from the table says. */
function expectSame(deck: RuleDeck): void {
  const { rows, book } = table(deck)
  const live = deck.learning.book
  expect(new Map([...live.all()].map((kept) => [kept.rule.id, kept]))).toEqual(rows)
  expect(live.counts()).toEqual(book.counts())
  for (const command of COMMANDS)
    expect(answer(deck, live, command)).toEqual(answer(deck, book, command))
}

/** What the rules of a book say about a command, and why. */
function answer({ clock }: RuleDeck, book: RuleBook, target: string): Learned {
  const action = normalise(question({ target, argv: target.split(' ') }))
  return judgeLearned(book, {
    action,
    risk: assessRisk(action),
    agent: { name: 'a1', template: 'coder' },
    now: clock.now(),
    clock,
  })
}

const COMMANDS = ['npm run a', 'npm run b', 'git push origin x']

type Step = (deck: RuleDeck) => Promise<unknown>
const command = fc.constantFrom(...COMMANDS)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: command.map(
      (target): Step =>
        async (deck) =>
          (await deck.exec(target)).pending && deck.approve(target),
    ),
  },
  {
    weight: 2,
    arbitrary: command.map(
      (target): Step =>
        async (deck) =>
          (await deck.exec(target)).pending && deck.deny(target),
    ),
  },
  {
    weight: 2,
    arbitrary: command.map((target): Step => async (deck) => {
      const ran = await deck.exec(target)
      if (!ran.pending) await deck.ended(ran, 'failure')
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('confirm', 'suspend', 'resume', 'archive', 'restore'), fc.nat(5))
      .map(([act, at]): Step => async (deck) => {
        const one = (await deck.rules())[at]
        if (one !== undefined) await deck.deck[act](one.id, '', WHO).catch(() => undefined)
      }),
  },
  {
    weight: 1,
    arbitrary: fc.nat(5).map((at): Step => async (deck) => {
      const one = (await deck.rules())[at]
      if (one !== undefined)
        await deck.deck.edit(one.id, { trigger: ['command:npm run b'] }, WHO).catch(() => undefined)
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(1, 8, 31).map((days): Step => async (deck) => {
      await deck.days(days)
    }),
  },
  // Together in one commit, one of which cannot be folded: all are undone, and each goes alone.
  {
    weight: 2,
    arbitrary: fc.nat(5).map((at): Step => async (deck) => {
      const one = (await deck.rules())[at]
      await Promise.allSettled([
        ...(one === undefined ? [] : [deck.deck.suspend(one.id, '', WHO)]),
        deck.append({
          type: 'rule.imported',
          actor: WHO,
          subject: '',
          body: { stored: null as never, from: null, because: '', of: '', outcome: null },
        }),
        ...(one === undefined ? [] : [deck.deck.archive(one.id, '', WHO)]),
      ])
    }),
  },
)

describe('the rules in memory', () => {
  it('equal the table after any events, including failed commits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 18 }), async (steps) => {
        const deck = await open()
        for (const one of steps) {
          await one(deck)
          expectSame(deck)
        }
        deck.close()
      }),
      { numRuns: 12 },
    )
  })

  it('are read again at the next start', async () => {
    const deck = await open()
    const id = await deck.learned()
    await deck.approve('npm run a')
    deck.close()
    const next = await open({ folder: deck.folder, clock: deck.clock })
    expectSame(next)
    expect(await next.exec(RUN)).toMatchObject({ decision: 'allow', reasons: [{ id }] })
  })
})

describe('the expiry of a rule', () => {
  it('comes at its time, is journalled, and a person is asked again', async () => {
    const deck = await open()
    const id = await deck.learned()
    await deck.days(29)
    expect(await deck.exec(RUN)).toMatchObject({ decision: 'allow' })
    await deck.days(1)
    expect(deck.record(id).rule.status).toBe('archived')
    expect(deck.events().at(-1)).toMatchObject({
      type: 'rule.expired',
      actor: 'supervisor',
      subject: 'a1',
      body: { from: 'confirmed', because: 'expired' },
    })
    expect(await deck.exec(RUN)).toMatchObject({ pending: true })
  })

  it('holds before its timer: also after the clock was set forward', async () => {
    const deck = await open()
    const id = await deck.learned()
    deck.clock.jump(31 * DAY)
    expect(deck.record(id).rule.status).toBe('confirmed')
    expect(await deck.exec(RUN)).toMatchObject({ pending: true })
    await expect(deck.deck.suspend(id, '', WHO)).resolves.toMatchObject({ status: 'suspended' })
    await expect(deck.deck.confirm(id, '', WHO)).rejects.toMatchObject({
      code: 'not.possible',
      message: expect.stringContaining('expired') as string,
    })
  })

  it('comes after the time was waited, though the clock was set back meanwhile', async () => {
    const deck = await open({ clock: new WallClock() })
    const id = await deck.learned()
    deck.clock.jump(-400 * DAY)
    await deck.days(32)
    expect(deck.record(id).rule.status).toBe('archived')
  })

  it('may be further away than a timer can wait', async () => {
    const deck = await open()
    const asked = await deck.approve()
    const rule = await deck.deck.propose(
      { approval: asked.id, width: 'exact', decision: 'allow', scope: 'project', days: 365 },
      WHO,
    )
    await deck.days(364)
    expect(deck.record(rule.id).rule.status).toBe('confirmed')
    await deck.days(1)
    expect(deck.record(rule.id).rule.status).toBe('archived')
  })

  it('is resumed at the next start, and a restored rule gets a new one', async () => {
    const deck = await open()
    const id = await deck.learned()
    deck.close()
    const next = await open({ folder: deck.folder, clock: deck.clock })
    await next.days(31)
    expect(next.record(id).rule.status).toBe('archived')
    expect(await next.deck.restore(id, '', WHO)).toMatchObject({
      status: 'candidate',
      support: 0,
      expiresAt: next.clock.now() + 30 * DAY,
    })
  })

  it('is retried while it cannot be journalled, until the deck is closed', async () => {
    const deck = await open()
    const id = await deck.learned()
    deck.store.exec(
      "CREATE TEMP TRIGGER full BEFORE INSERT ON main.event BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    )
    await deck.days(30)
    await new Promise(setImmediate)
    expect(deck.record(id).rule.status).toBe('confirmed')
    expect(deck.log.length).toBeGreaterThan(0)
    deck.store.exec('DROP TRIGGER full')
    deck.clock.advance(1000)
    await deck.append()
    expect(deck.record(id).rule.status).toBe('archived')
  })
})
