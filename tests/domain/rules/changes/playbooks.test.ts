import { afterEach, describe, expect, it } from 'vitest'
import { ASK, type Rule } from '../../../../src/clawpolicy/types.ts'
import { DAY, endings, openRuleDeck, WHO, type Options } from '../rule-deck.ts'

const ends = endings()
afterEach(ends.run)
const open = (options?: Options) => openRuleDeck(ends.add, options)

describe('a playbook', () => {
  it('names rules that belong together and how many are confirmed, and decides nothing', async () => {
    const deck = await open()
    const [a, b] = [
      await deck.given({ id: 'a', confidence: 0.7 }),
      await deck.given({ id: 'b', confidence: 0.9, status: 'confirmed', trigger: ['command:x'] }),
    ]
    const saved = await deck.playbooks.save({ summary: 'releases', rules: [a, b, a] }, WHO)
    expect(saved).toMatchObject({
      id: expect.stringMatching(/^playbook_[0-9a-f]{10}$/) as string,
      summary: 'releases',
      rules: [a, b],
      confirmed: 1,
      confidence: 0.7,
    })
    expect(await deck.playbooks.list()).toEqual([saved])
    expect(await deck.deck.get(a)).toMatchObject({ playbooks: [saved.id] })
    expect(
      await deck.playbooks.save({ id: saved.id, summary: 'all releases', rules: [b] }, WHO),
    ).toMatchObject({ id: saved.id, rules: [b], category: saved.category })
    expect(await deck.playbooks.remove(saved.id, WHO)).toMatchObject({ id: saved.id })
    expect(await deck.playbooks.list()).toEqual([])
    expect(deck.record(b).rule.status).toBe('confirmed')
    expect(
      deck
        .events()
        .slice(-3)
        .map(({ type }) => type),
    ).toEqual(['playbook.saved', 'playbook.saved', 'playbook.removed'])
  })

  it('of unknown rules is refused, and so is the removal of an unknown one', async () => {
    const deck = await open()
    await expect(
      deck.playbooks.save({ summary: 'x', rules: ['nobody'] }, WHO),
    ).rejects.toMatchObject({ code: 'not.found' })
    await expect(deck.playbooks.remove('nobody', WHO)).rejects.toMatchObject({ code: 'not.found' })
    await expect(deck.playbooks.apply('nobody', 'confirm', WHO)).rejects.toMatchObject({
      code: 'not.found',
    })
    expect(await deck.playbooks.list()).toEqual([])
  })

  it('is confirmed, suspended and archived as one, in one append', async () => {
    const deck = await open()
    const rules = [
      await deck.given({ id: 'a' }),
      await deck.given({ id: 'b', status: 'suspended', trigger: ['command:x'] }),
      await deck.given({ id: 'c', status: 'confirmed', trigger: ['command:y'] }),
    ]
    const { id } = await deck.playbooks.save({ summary: 'releases', rules }, WHO)
    for (const [act, status, changed] of [
      ['confirm', 'confirmed', 2],
      ['suspend', 'suspended', 3],
      ['archive', 'archived', 3],
    ] as const) {
      const before = deck.journal.head().seq
      expect((await deck.playbooks.apply(id, act, WHO)).map((rule) => rule.status)).toEqual([
        status,
        status,
        status,
      ])
      expect(deck.journal.head().seq).toBe(before + changed)
      expect(deck.events().at(-1)).toMatchObject({
        actor: WHO,
        body: { because: `playbook ${id}` },
      })
      await expect(deck.playbooks.apply(id, act, WHO)).rejects.toMatchObject({
        code: 'not.possible',
        message: expect.stringContaining('already') as string,
      })
    }
  })

  it.each<[string, Partial<Rule>]>([
    ['one is advice', { policy_decision: '', status: 'hint' }],
    ['one is archived', { status: 'archived' }],
    ['one of them says the opposite', { trigger: ['command:npm run build'], policy_decision: ASK }],
  ])('is not confirmed at all where %s', async (_, odd) => {
    const deck = await open()
    const rules = [
      await deck.given({ id: 'a' }),
      await deck.given({ id: 'odd', trigger: ['command:x'], ...odd }),
    ]
    const { id } = await deck.playbooks.save({ summary: 'x', rules }, WHO)
    const before = deck.journal.head().seq
    await expect(deck.playbooks.apply(id, 'confirm', WHO)).rejects.toMatchObject({
      code: 'not.possible',
    })
    expect(deck.journal.head().seq).toBe(before)
  })
})

describe('a suggested playbook', () => {
  it('has rules that were learned in one period, or about one program, in the same scope', async () => {
    const deck = await open()
    for (const [command, agent] of [
      ['git push origin x', 'a1'],
      ['npm install y', 'a1'],
      ['npm install y', 'a2'],
    ] as const)
      await deck.approve(command, { agent })
    deck.clock.advance(DAY)
    await deck.approve('git fetch origin')
    const name = async (command: string) =>
      (await deck.rules()).find(
        ({ trigger, scopeKey }) => scopeKey === 'a1' && trigger.includes(`command:${command}`),
      )?.id
    const [push, npm, fetch] = [
      await name('git push origin x'),
      await name('npm install y'),
      await name('git fetch origin'),
    ]
    const found = await deck.playbooks.suggest()
    expect(found).toMatchObject([
      { because: 'all about git', summary: 'git for a1' },
      { because: 'learned within 1 minute on 2026-01-01' },
    ])
    expect(found.map(({ rules }) => rules.toSorted())).toEqual([
      [push, fetch].toSorted(),
      [push, npm].toSorted(),
    ])
    await deck.playbooks.save({ summary: 'git', rules: [push ?? '', fetch ?? ''] }, WHO)
    expect(await deck.playbooks.suggest()).toHaveLength(1)
  })

  it('does not exist where nothing was learned', async () => {
    expect(await (await open()).playbooks.suggest()).toEqual([])
  })
})
