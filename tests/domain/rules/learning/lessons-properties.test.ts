import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { endings, openRuleDeck, RUN, WHO, type RuleDeck } from '../rule-deck.ts'

const ends = endings()
afterEach(ends.run)
const open = () => openRuleDeck(ends.add)

describe('any sequence of decisions and outcomes', () => {
  type Step = 'yes' | 'yes, then failure' | 'no' | 'success' | 'failure' | 'late failure'

  /** Lives through the steps, and says whether the command passes unasked at the end. */
  async function lived(deck: RuleDeck, steps: readonly Step[]): Promise<boolean> {
    const ran: { id: string }[] = []
    for (const step of steps) {
      const asked = await deck.exec(RUN)
      if (!asked.pending) {
        ran.push(asked)
        if (step === 'success' || step === 'failure')
          await deck.ended(ran.pop() as { id: string }, step)
        if (step === 'late failure' && ran.length > 1)
          await deck.ended(ran.shift() as { id: string }, 'failure')
        continue
      }
      if (step === 'no') await deck.approvals.deny(asked.id, {}, WHO)
      else await deck.approvals.allow(asked.id, {}, WHO)
      deck.clock.advance(1000)
      if (step === 'yes, then failure') await deck.ended(asked, 'failure')
    }
    return !(await deck.exec(RUN)).pending
  }

  const steps = fc.array(
    fc.constantFrom<Step>(
      'yes',
      'yes',
      'yes',
      'yes, then failure',
      'no',
      'success',
      'failure',
      'late failure',
    ),
    { maxLength: 12 },
  )
  const NUM_RUNS = 15

  it('never makes allowing easier by a denial: after one it takes three approvals, or more', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (before) => {
        const deck = await open()
        fc.pre(!(await lived(deck, before)))
        for (const one of ['no', 'yes', 'yes'] as const)
          expect(await lived(deck, [one])).toBe(false)
        deck.close()
      }),
      { numRuns: NUM_RUNS },
    )
  })

  it('never allows what was not approved three times', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (before) => {
        const deck = await open()
        const passes = await lived(deck, before)
        expect(
          !passes ||
            deck
              .events()
              .filter(
                ({ type, body }) =>
                  type === 'approval.decided' && (body as { state: string }).state === 'allowed',
              ).length >= 3,
        ).toBe(true)
        deck.close()
      }),
      { numRuns: NUM_RUNS },
    )
  })
})
