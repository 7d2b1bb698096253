import { afterEach, describe, expect, it } from 'vitest'
import { ruleCan } from '../../../../src/domain/rules/rules.ts'
import { ASK } from '../../../../src/clawpolicy/types.ts'
import { DAY, endings, openRuleDeck, RUN, WHO, type Options } from '../rule-deck.ts'

const ends = endings()

afterEach(ends.run)

const open = (options?: Options) => openRuleDeck(ends.add, options)

describe('an edit', () => {
  it('of the summary or the expiry leaves a rule confirmed', async () => {
    const deck = await open()
    const id = await deck.given({ id: 'r1', status: 'confirmed' })
    expect(await deck.deck.edit(id, { summary: 'the build' }, WHO)).toMatchObject({
      status: 'confirmed',
      summary: 'the build',
      expiresAt: null,
    })
    expect(await deck.deck.edit(id, { days: 2 }, WHO)).toMatchObject({
      status: 'confirmed',
      expiresAt: deck.clock.now() + 2 * DAY,
    })
    expect(await deck.deck.edit(id, { days: null }, WHO)).toMatchObject({ expiresAt: null })
    await deck.deck.edit(id, { days: 1 }, WHO)
    await deck.days(1)
    expect(deck.record(id).rule.status).toBe('archived')
  })

  it.each([
    ['trigger', { trigger: ['runs:npm'] }, { trigger: ['runs:npm'] }],
    ['decision', { decision: 'ask' as const }, { decision: 'ask' }],
    ['scope', { scope: 'global' as const }, { scope: 'global', scopeKey: '' }],
    ['key', { scopeKey: 'a2' }, { scopeKey: 'a2' }],
    [
      'domain',
      { scope: 'domain' as const, scopeKey: 'code' },
      { scope: 'domain', scopeKey: 'code' },
    ],
  ])('of its %s makes it a candidate that has earned nothing yet', async (_, edit, now) => {
    const deck = await open()
    const id = await deck.learned()
    expect(await deck.deck.edit(id, edit, WHO)).toMatchObject({
      status: 'candidate',
      support: 0,
      ...now,
    })
    expect(await deck.exec(RUN)).toMatchObject({ pending: true })
  })

  it('of a candidate resets its evidence', async () => {
    const deck = await open()
    await deck.approve()
    await deck.approve()
    const { id } = await deck.only()
    await deck.deck.edit(id, { trigger: ['task_type:exec', 'runs:npm'] }, WHO)
    await deck.approve('npm run other')
    expect(deck.record(id).rule.status).toBe('candidate')
  })

  it('that changes nothing is refused', async () => {
    const deck = await open()
    const id = await deck.given({ id: 'r1', status: 'confirmed' })
    await expect(
      deck.deck.edit(id, { decision: 'allow', trigger: [`command:${RUN}`] }, WHO),
    ).rejects.toMatchObject({ code: 'input.invalid' })
    await expect(deck.deck.edit(id, {}, WHO)).rejects.toMatchObject({ code: 'input.invalid' })
  })

  it.each([
    ['no trigger', { trigger: [] }],
    ['an empty trigger', { trigger: ['runs:npm', ' '] }],
    ['a kind of work that is none', { scope: 'domain' as const, scopeKey: 'a1' }],
    ['a kind of work without a name', { scope: 'domain' as const }],
    ['an agent without a name', { scope: 'project' as const, scopeKey: ' ' }],
  ])('to %s is refused', async (_, edit) => {
    const deck = await open()
    const id = await deck.given({ id: 'r1' })
    await expect(deck.deck.edit(id, edit, WHO)).rejects.toMatchObject({
      code: 'input.invalid',
      hint: expect.any(String) as string,
    })
  })

  it('for an unknown agent is refused: somebody may create it later', async () => {
    const deck = await open()
    const id = await deck.given({ id: 'r1' })
    await expect(deck.deck.edit(id, { scopeKey: 'tomorrow' }, WHO)).rejects.toMatchObject({
      code: 'agent.unknown',
    })
    const path = await deck.given({ id: 'r2', scope_key: '/some/where' })
    expect(await deck.deck.edit(path, { summary: 'from a file' }, WHO)).toMatchObject({
      scopeKey: '/some/where',
    })
  })

  it('of an archived rule is refused until it is restored', async () => {
    const deck = await open()
    const id = await deck.given({ id: 'r1', status: 'archived' })
    expect(ruleCan.edit((await deck.deck.get(id)).row)).toContain('restore')
    await expect(deck.deck.edit(id, { summary: 'x' }, WHO)).rejects.toMatchObject({
      code: 'not.possible',
    })
  })
})

describe('a merge', () => {
  it('gives the first rule the evidence of all, and archives the others', async () => {
    const deck = await open()
    const [a, b, c] = [
      await deck.given({ id: 'a', evidence_count: 2 }),
      await deck.given({ id: 'b', evidence_count: 3, trigger: ['command:npm run b'] }),
      await deck.given({ id: 'c', evidence_count: 4 }),
    ]
    const before = deck.journal.head().seq
    expect(await deck.deck.merge([a, b, c], WHO)).toMatchObject({ id: a, status: 'candidate' })
    expect(deck.record(a).rule.evidence_count).toBe(9)
    expect([b, c].map((id) => deck.record(id).rule.status)).toEqual(['archived', 'archived'])
    expect((await deck.deck.get(b)).history[0]).toMatchObject({
      type: 'rule.archived',
      because: 'merged into a',
    })
    expect(deck.journal.head().seq).toBe(before + 3)
  })

  it('of rules that differ, or of one, is refused and changes nothing', async () => {
    const deck = await open()
    await deck.given({ id: 'a' })
    await deck.given({ id: 'asks', policy_decision: ASK })
    await deck.given({ id: 'elsewhere', scope_key: 'a2' })
    await deck.given({ id: 'confirmed', status: 'confirmed' })
    await deck.given({ id: 'gone', status: 'archived' })
    const before = deck.journal.head().seq
    for (const ids of [
      ['a'],
      [],
      ['a', 'a'],
      ['a', 'asks'],
      ['a', 'elsewhere'],
      ['a', 'confirmed'],
      ['a', 'gone'],
      ['gone', 'a'],
    ])
      await expect(deck.deck.merge(ids, WHO), ids.join()).rejects.toMatchObject({
        code: 'not.possible',
      })
    await expect(deck.deck.merge(['a', 'nobody'], WHO)).rejects.toMatchObject({ code: 'not.found' })
    expect(deck.journal.head().seq).toBe(before)
  })
})
