import { afterEach, describe, expect, it } from 'vitest'
import { recordedDecisions } from '../../../../src/domain/rules/lab/recorded.ts'
import { labService } from '../../../../src/domain/rules/lab/service.ts'
import type { LabUpdate } from '../../../../src/domain/rules/lab/types.ts'
import { endings, openRuleDeck, type RuleDeck } from '../rule-deck.ts'

const PUSH = 'git push origin main'
const BUILD = 'make all'
const MINUTE = 60_000

const { add: onEnd, run } = endings()
afterEach(run)

/** A deck where every build was allowed and every push refused, so many times each. */
async function decided(times: number): Promise<RuleDeck> {
  // Everything is asked about, whatever was learned.
  const deck = await openRuleDeck(onEnd, { bounds: { ask: [{ type: 'exec', target: '*' }] } })
  for (let i = 0; i < times; i++) {
    await deck.approve(`${BUILD} ${i}`)
    await deck.deny(`${PUSH} ${i}`)
  }
  return deck
}

async function all<Result>(updates: AsyncIterable<LabUpdate<Result>>) {
  const lines: string[] = []
  let result: Result | undefined
  for await (const update of updates) {
    if (update.kind === 'progress') lines.push(update.line)
    else result = update.result
  }
  return { lines, result: result as Result }
}

const never = () => new AbortController().signal

describe('recorded decisions', () => {
  it('are those of people, oldest first, with what they answered in the end', async () => {
    const deck = await openRuleDeck(onEnd, { bounds: { ask: [{ type: 'exec', target: '*' }] } })
    await deck.approve('make all')
    deck.clock.advance(2 * 60 * MINUTE)
    await deck.deny(PUSH)
    await deck.approve('make one', { edit: 'make two' })
    const failed = await deck.approve('make fail')
    await deck.ended(failed, 'failure')
    await deck.approve('make other', { agent: 'a2' })
    await deck.exec('make waits')
    const seen = recordedDecisions(deck.store, {})
    expect(seen.map(({ allowed }) => allowed)).toEqual([true, false, false, false, true])
    expect(seen.map(({ state }) => state.mood)).toEqual([
      'relaxed',
      'relaxed',
      'focused',
      'focused',
      'focused',
    ])
    expect(seen.map(({ at }) => at)).toEqual(seen.map(({ at }) => at).toSorted((a, b) => a - b))
    expect(seen[1]?.state.taskType).not.toBe(seen[0]?.state.taskType)
    expect(seen[0]?.state.technologies).toHaveLength(2)
    expect(recordedDecisions(deck.store, { agent: 'a2' })).toHaveLength(1)
    expect(recordedDecisions(deck.store, { since: seen[3]?.at })).toHaveLength(2)
  })

  it('show when people are busy', async () => {
    const deck = await decided(3)
    expect(recordedDecisions(deck.store, {}).at(-1)?.state.mood).toBe('stressed')
  })

  it('tell how long a person took', async () => {
    const deck = await openRuleDeck(onEnd, { bounds: { ask: [{ type: 'exec', target: '*' }] } })
    const { id } = await deck.exec('make all')
    deck.clock.advance(90_000)
    await deck.approvals.allow(id, {}, 'operator:cli')
    expect(recordedDecisions(deck.store, {})).toMatchObject([{ waited: 90 }])
  })
})

describe('the lab', () => {
  it('trains, evaluates and tunes in a thread, and changes nothing', async () => {
    const deck = await decided(20)
    const lab = labService({ store: deck.store })
    const before = deck.journal.head()
    const trained = await all(lab.train({ episodes: 100 }, never()))
    expect(trained.lines[0]).toBe('read 40 decisions')
    expect(trained.lines.at(-1)).toMatch(/^attempt 3 of 3, episode 100 of 100: reward/)
    expect(trained.result).toMatchObject({ episodes: 100, data: { training: 30, heldOut: 10 } })

    const evaluated = await all(lab.evaluate({ episodes: 600, seed: 3 }, never()))
    expect(evaluated.result).toMatchObject({ agreement: 1, alwaysAsk: 0.5 })
    expect(evaluated.result).toEqual(
      (await all(lab.evaluate({ episodes: 600, seed: 3 }, never()))).result,
    )

    const tuned = await all(lab.tune({ episodes: 20, trials: 3 }, never()))
    expect(tuned.lines.slice(1)).toHaveLength(3)
    expect(tuned.result.trials).toHaveLength(3)
    expect(deck.journal.head()).toEqual(before)
  })

  it('ends when it is aborted, or left', async () => {
    const deck = await decided(10)
    const lab = labService({ store: deck.store })
    const stop = new AbortController()
    const updates = lab.train({ episodes: 50_000 }, stop.signal)
    expect(await updates.next()).toMatchObject({ value: { kind: 'progress' } })
    stop.abort(new Error('enough'))
    await expect(updates.next()).rejects.toThrow('enough')
    expect(await updates.next()).toMatchObject({ done: true })
    await expect(lab.tune({}, stop.signal).next()).rejects.toThrow('enough')

    for await (const update of lab.tune({ trials: 200 }, never())) {
      expect(update.kind).toBe('progress')
      break
    }
  })

  it('ends by itself when its time is over', async () => {
    const deck = await decided(10)
    const lab = labService({ store: deck.store })
    const { result } = await all(lab.train({ episodes: 50_000, seconds: 1 }, never()))
    expect(result.stopped).toBe(true)
    expect(result.episodes).toBeLessThan(50_000)
  })

  it('says what is missing', async () => {
    const deck = await openRuleDeck(onEnd)
    const lab = labService({ store: deck.store })
    await expect(all(lab.train({}, never()))).rejects.toMatchObject({ code: 'not.possible' })
    for (const input of [{ episodes: 0 }, { seed: 0.5 }, { trials: 1000 }, { seconds: -1 }])
      await expect(all(lab.tune(input, never()))).rejects.toMatchObject({ code: 'input.invalid' })
  })
})
