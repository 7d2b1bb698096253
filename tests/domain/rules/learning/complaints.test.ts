import { afterEach, describe, expect, it } from 'vitest'
import { endings, openRuleDeck, RUN, WHO, type Options } from '../rule-deck.ts'

const ends = endings()

afterEach(ends.run)

const open = (options?: Options) => openRuleDeck(ends.add, options)

const LEASE = { uses: 5, minutes: 60 }

describe('a complaint that a person should have been asked', () => {
  it('made twice suspends the rule that allowed it; the same action counts once', async () => {
    const deck = await open()
    const id = await deck.learned()
    const [first, second] = [await deck.exec(RUN), await deck.exec(RUN)]
    expect(await deck.deck.missed(first.id, 'that was mine to say', WHO)).toMatchObject([
      { id, status: 'confirmed' },
    ])
    await expect(deck.deck.missed(first.id, '', WHO)).rejects.toMatchObject({
      code: 'not.possible',
      message: expect.stringContaining('before') as string,
    })
    expect(await deck.deck.missed(second.id, '', WHO)).toMatchObject([
      { id, status: 'suspended', suspensionReason: 'missed_confirmation' },
    ])
    expect(await deck.deck.recent(1)).toMatchObject([{ rule: id, to: 'suspended', actor: WHO }])
  })

  it('makes a rule that asks where only a lease allowed it', async () => {
    const deck = await open()
    const asked = await deck.exec('npm run x')
    await deck.approvals.allow(asked.id, { lease: { ...LEASE, target: 'npm run *' } }, WHO)
    for (let i = 0; i < 3; i++) await deck.deck.missed((await deck.exec(RUN)).id, '', WHO)
    expect(
      (await deck.rules()).find(({ trigger }) => trigger.includes(`command:${RUN}`)),
    ).toMatchObject({ decision: 'ask', status: 'confirmed' })
  })

  it.each([
    ['lock', { bounds: { allow: [{ type: 'exec', target: RUN }] } }],
    [
      'policy p1',
      { policies: [{ id: 'p1', effect: 'allow' as const, type: 'exec', target: RUN }] },
    ],
  ])('about what the %s allowed names what allowed it', async (by, options) => {
    const deck = await open(options)
    await expect(deck.deck.missed((await deck.exec(RUN)).id, '', WHO)).rejects.toMatchObject({
      code: 'not.possible',
      message: expect.stringContaining(by) as string,
    })
  })

  it('about a question that a person decided, or an unknown one, is refused', async () => {
    const deck = await open()
    await expect(deck.deck.missed((await deck.approve()).id, '', WHO)).rejects.toMatchObject({
      code: 'not.possible',
    })
    await expect(deck.deck.missed('act_zzz', '', WHO)).rejects.toMatchObject({ code: 'not.found' })
  })
})

describe('the reason for an answer', () => {
  it('counts approvals, not successes since, and names the author', async () => {
    const deck = await open()
    await deck.learned()
    for (let i = 0; i < 4; i++) await deck.ended(await deck.exec(RUN), 'success')
    expect((await deck.exec(RUN)).reasons[0]?.text).toContain(
      'learned from 3 approvals, for 30 days more',
    )
    await deck.given({ id: 'r1', status: 'confirmed', trigger: ['command:npm run other'] })
    expect((await deck.exec('npm run other')).reasons[0]?.text).toContain(`made by ${WHO})`)
  })
})
