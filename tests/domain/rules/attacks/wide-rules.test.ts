import { afterEach, describe, expect, it } from 'vitest'
import { question } from '../../policy/question.ts'
import { endings, openRuleDeck, WHO, type Options, type RuleDeck } from '../rule-deck.ts'

const ends = endings()

afterEach(ends.run)

const open = (options?: Options) => openRuleDeck(ends.add, options)

type Asked = Parameters<typeof question>[0]

const ask = (deck: RuleDeck, over: Asked, agent = 'a1') => deck.guard.ask(agent, question(over))

async function yes(deck: RuleDeck, over: Asked): Promise<string> {
  const asked = await ask(deck, over)
  expect(asked).toMatchObject({ pending: true })
  await deck.approvals.allow(asked.id, {}, WHO)
  deck.clock.advance(1000)
  return asked.id
}

const wide = (deck: RuleDeck, approval: string, width: 'kind' | 'family') =>
  deck.deck.propose({ approval, width, decision: 'allow', scope: 'project', days: 7 }, WHO)

describe('a wide rule', () => {
  it('does not cover a higher risk because of one approval of such an action', async () => {
    const deck = await open()
    await wide(deck, await yes(deck, { target: 'git add x' }), 'family')
    await yes(deck, { target: 'git push origin topic' })
    expect(await ask(deck, { target: 'git push origin main' })).toMatchObject({ pending: true })
    expect(await ask(deck, { target: 'git add y' })).toMatchObject({ decision: 'allow' })
  })

  it('does not cover a higher risk because an agent claimed one for a harmless action', async () => {
    const deck = await open()
    await wide(deck, await yes(deck, { target: 'git add x' }), 'family')
    await yes(deck, { target: 'git add x', risk: 60 })
    expect(await ask(deck, { target: 'git push origin main' })).toMatchObject({ pending: true })
  })

  it('does not win over a later asking rule because of an approval of another action that it covers', async () => {
    const deck = await open()
    await wide(deck, await yes(deck, { target: 'git push origin a' }), 'family')
    const asked = await ask(deck, { target: 'git push origin b', risk: 90 })
    deck.clock.advance(1000)
    await deck.deck.propose(
      { approval: asked.id, width: 'kind', decision: 'ask', scope: 'project', days: 7 },
      WHO,
    )
    expect(await ask(deck, { target: 'git push origin main' })).toMatchObject({ pending: true })
    deck.clock.advance(1000)
    await yes(deck, { target: 'git add x', risk: 90 })
    expect(await ask(deck, { target: 'git push origin main' })).toMatchObject({ pending: true })
  })

  it('for requests of one method does not cover another method that is given separately', async () => {
    const deck = await open()
    await wide(deck, await yes(deck, { type: 'net', target: 'https://api.test/a' }), 'kind')
    expect(await ask(deck, { type: 'net', target: 'https://api.test/b' })).toMatchObject({
      decision: 'allow',
    })
    expect(
      await ask(deck, { type: 'net', target: 'https://api.test/b', extra: { method: 'get' } }),
    ).toMatchObject({ decision: 'allow' })
    expect(
      await ask(deck, { type: 'net', target: 'https://api.test/b', extra: { method: 'delete' } }),
    ).toMatchObject({ pending: true, risk: { score: 45 } })
    for (const method of ['POST', '', 7, 'GET x'])
      await expect(
        ask(deck, { type: 'net', target: 'GET https://api.test/b', extra: { method } }),
      ).rejects.toMatchObject({ code: 'input.invalid' })
  })

  it('for files in a folder does not cover the folder or its parent', async () => {
    const deck = await open()
    await wide(
      deck,
      await yes(deck, { type: 'file', target: 'delete /project/src/old.ts' }),
      'kind',
    )
    expect(await ask(deck, { type: 'file', target: 'delete /project/src/other.ts' })).toMatchObject(
      { decision: 'allow' },
    )
    for (const target of [
      'delete /project/src/..',
      'delete /project/src/../',
      'delete /project/src/',
      'delete /project/src/.',
      'delete /project/src/../src/x/..',
      'delete /project/src/a/../..',
    ])
      expect
        .soft(await ask(deck, { type: 'file', target }), target)
        .toMatchObject({ pending: true })
    expect
      .soft(await ask(deck, { type: 'file', target: 'delete ..', cwd: '/project/src' }))
      .toMatchObject({ pending: true })
  })
})

describe('what was learned about one action', () => {
  it.each<[string, Asked, Asked]>([
    [
      'a tool with other arguments',
      { type: 'tool', target: 'send', extra: { to: 'me' } },
      { type: 'tool', target: 'send', extra: { to: 'everybody' } },
    ],
    [
      'a tool with arguments',
      { type: 'tool', target: 'send' },
      { type: 'tool', target: 'send', extra: { to: 'everybody' } },
    ],
    [
      'a request with another body',
      { type: 'net', target: 'POST https://api.test/pay', extra: { body: 'amount=1' } },
      { type: 'net', target: 'POST https://api.test/pay', extra: { body: 'amount=10000' } },
    ],
    [
      'another amount',
      { type: 'spend', target: 'card', extra: { amount: 1 } },
      { type: 'spend', target: 'card', extra: { amount: 1000 } },
    ],
    ['other trailing white space', { target: 'make x' }, { target: 'make x\u00a0' }],
    ['other letters', { target: 'make x' }, { target: 'make \u0445' }],
    ['another case', { target: 'make x' }, { target: 'make X' }],
    ['a line more', { target: 'make x' }, { target: 'make x\nmake y' }],
    [
      'one word instead of two',
      { target: 'make x', argv: ['make', 'x'] },
      { target: 'make x', argv: ['make x'] },
    ],
    ['a variable', { target: 'make x' }, { target: 'A=1 make x' }],
    ['a tool of the name', { target: 'make x' }, { type: 'make', target: 'x' }],
    [
      'another host',
      { type: 'net', target: 'https://a.test/x' },
      { type: 'net', target: 'https://a.test@b.test/x' },
    ],
    [
      'another method',
      { type: 'net', target: 'GET https://a.test/x' },
      { type: 'net', target: 'DELETE https://a.test/x' },
    ],
    [
      'another folder',
      { type: 'file', target: 'write x', cwd: '/a' },
      { type: 'file', target: 'write x', cwd: '/b' },
    ],
  ])('is not for %s', async (_, taught, used) => {
    const deck = await open()
    for (let i = 0; i < 3; i++) await yes(deck, taught)
    expect(await ask(deck, taught)).toMatchObject({ decision: 'allow' })
    expect(await ask(deck, used)).toMatchObject({ pending: true })
  })

  it('takes three approvals, not one approval of three equal questions that waited together', async () => {
    const deck = await open()
    const waiting = await Promise.all(
      Array.from({ length: 4 }, () => ask(deck, { target: 'make x' })),
    )
    for (const { id } of waiting) {
      await deck.approvals.allow(id, {}, WHO)
      deck.clock.advance(1)
    }
    expect(await deck.only()).toMatchObject({ status: 'candidate' })
  })
})
