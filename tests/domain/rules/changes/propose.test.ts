import { afterEach, describe, expect, it } from 'vitest'
import type { ScopeName, WidthName } from '../../../../src/domain/rules/types.ts'
import { DAY, endings, openRuleDeck, RUN, WHO, type Options, type RuleDeck } from '../rule-deck.ts'

const ends = endings()
afterEach(ends.run)
const open = (options?: Options) => openRuleDeck(ends.add, options)
const PUSH = 'git push origin x'

interface Word {
  width?: WidthName
  decision?: 'allow' | 'ask'
  scope?: ScopeName
  days?: number | null
  note?: string
}
const propose = (
  deck: RuleDeck,
  approval: string,
  { width = 'exact', decision = 'allow', scope = 'project', days = 7, note }: Word = {},
) => deck.deck.propose({ approval, width, decision, scope, days, note }, WHO)

describe('a rule that is proposed from a question', () => {
  it('has three widths, with what each would have covered', async () => {
    const deck = await open()
    await deck.approve('git push origin y')
    await deck.deny('git fetch origin')
    const asked = await deck.exec(PUSH)
    const found = await deck.deck.proposals(asked.id, 'allow')
    expect(found.map(({ width }) => width)).toEqual(['exact', 'kind', 'family'])
    expect(found.map(({ past }) => [past.asked, past.allowed, past.denied])).toEqual([
      [0, 0, 0],
      [1, 1, 0],
      [2, 1, 1],
    ])
    expect(found[0]?.trigger).toContain(`command:${PUSH}`)
    expect(await deck.deck.proposals(asked.id, 'ask')).toHaveLength(3)
    expect((await deck.rules()).length).toBe(2)
  })

  it('is not found for an unknown question', async () => {
    const deck = await open()
    for (const id of ['apr_nobody', 'act_zz', 'act_', '', 'x'.repeat(60)])
      await expect(deck.deck.proposals(id, 'allow')).rejects.toMatchObject({ code: 'not.found' })
    await expect(propose(deck, 'apr_nobody')).rejects.toMatchObject({ code: 'not.found' })
  })

  it('is not found for a deleted agent', async () => {
    const deck = await open()
    const asked = await deck.approve()
    await deck.append({
      type: 'agent.deleted',
      actor: WHO,
      subject: 'a1',
      body: { trash: 't', lock: '' },
    })
    await expect(propose(deck, asked.id)).rejects.toMatchObject({
      code: 'not.found',
      message: expect.stringContaining('was deleted') as string,
    })
  })
})

describe('a rule that a person makes', () => {
  it('allows exactly this: it is confirmed at once, for some days, with the person as its author', async () => {
    const deck = await open()
    const asked = await deck.exec(PUSH)
    const rule = await propose(deck, asked.id, { note: 'fine' })
    expect(rule).toMatchObject({
      status: 'confirmed',
      decision: 'allow',
      scope: 'project',
      scopeKey: 'a1',
      by: WHO,
      expiresAt: deck.clock.now() + 7 * DAY,
    })
    expect(await deck.exec(PUSH)).toMatchObject({
      decision: 'allow',
      reasons: [{ layer: 'rule', id: rule.id, text: expect.stringContaining(WHO) as string }],
    })
    for (const other of ['git push origin y', 'git push', `${PUSH} --tags`])
      expect(await deck.exec(other), other).toMatchObject({ pending: true })
    expect((await deck.deck.get(rule.id)).history).toMatchObject([
      { type: 'rule.added', actor: WHO, because: 'fine', of: asked.id },
    ])
  })

  it.each([
    ['kind', 'git push --tags y', true],
    ['kind', 'git fetch origin', false],
    ['family', 'git fetch origin', true],
    ['family', 'git push x; npm install y', false],
  ] as const)('about this %s: %s passes, or not', async (width, command, passes) => {
    const deck = await open()
    const rule = await propose(deck, (await deck.exec(PUSH)).id, { width })
    expect(await deck.shell(command)).toMatchObject(
      passes ? { decision: 'allow', reasons: [{ id: rule.id }] } : { pending: true },
    )
  })

  it.each([
    ['project', 'a1', [true, false, false]],
    ['domain', 'code', [true, true, false]],
    ['global', '', [true, true, true]],
  ] as const)('in scope %s holds for %s', async (scope, scopeKey, holds) => {
    const deck = await open({ agents: { a1: 'coder', a2: 'coder', o1: 'devops' } })
    expect(await propose(deck, (await deck.exec(PUSH)).id, { scope })).toMatchObject({
      scope,
      scopeKey,
    })
    expect(
      await Promise.all(
        ['a1', 'a2', 'o1'].map(
          async (agent) => (await deck.exec(PUSH, agent)).decision === 'allow',
        ),
      ),
    ).toEqual(holds)
  })

  it('without days has no expiry', async () => {
    const deck = await open()
    const rule = await propose(deck, (await deck.exec(PUSH)).id, { days: null })
    expect(rule.expiresAt).toBeNull()
    await deck.days(400)
    expect(await deck.exec(PUSH)).toMatchObject({ decision: 'allow' })
  })

  it('expires otherwise', async () => {
    const deck = await open()
    const rule = await propose(deck, (await deck.exec(PUSH)).id)
    await deck.days(7)
    expect(deck.record(rule.id).rule.status).toBe('archived')
    expect(await deck.exec(PUSH)).toMatchObject({ pending: true })
  })

  it('may be made from a decided question, and then covers the edited action', async () => {
    const deck = await open()
    const asked = await deck.approve('npm run deploy', { edit: RUN })
    await propose(deck, asked.id)
    expect(await deck.exec(RUN)).toMatchObject({ decision: 'allow' })
    expect(await deck.exec('npm run deploy')).toMatchObject({ pending: true })
  })

  it('may ask, also about what was allowed without asking', async () => {
    const deck = await open()
    await deck.learned()
    const ran = await deck.exec(RUN)
    expect(ran.id).toMatch(/^act_/)
    const allow = (await deck.only()).id
    await expect(propose(deck, ran.id, { decision: 'ask' })).rejects.toMatchObject({
      code: 'not.possible',
      hint: expect.stringContaining(allow) as string,
    })
    const rule = await propose(deck, ran.id, { decision: 'ask', width: 'kind' })
    expect(await deck.exec(RUN)).toMatchObject({
      pending: true,
      reasons: [{ layer: 'rule', id: rule.id }],
    })
  })

  it('twice is still one rule, with its history', async () => {
    const deck = await open()
    const asked = await deck.approve()
    await deck.approve()
    const first = await propose(deck, asked.id)
    expect(first.by).toBe(WHO)
    deck.clock.advance(DAY)
    const second = await propose(deck, asked.id, { days: 30 })
    expect(second).toMatchObject({
      id: first.id,
      status: 'confirmed',
      expiresAt: deck.clock.now() + 30 * DAY,
    })
    expect(deck.record(first.id)).toMatchObject({
      rule: {
        evidence_count: 5,
        accepted_confirmation_count: 2,
        source_type: 'explicit_correction',
      },
      outcomes: [{}, {}],
    })
    expect((await deck.rules()).length).toBe(1)
    await deck.deck.suspend(first.id, '', WHO)
    expect(await propose(deck, asked.id)).toMatchObject({
      id: first.id,
      status: 'confirmed',
      suspensionReason: '',
    })
    await deck.deck.archive(first.id, '', WHO)
    expect((await propose(deck, asked.id)).id).not.toBe(first.id)
  })

  it('at the same time as another person is one rule', async () => {
    const deck = await open()
    const asked = await deck.exec(PUSH)
    const made = await Promise.all([propose(deck, asked.id), propose(deck, asked.id)])
    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
  })

  it('is refused for a width that does not exist, and for a critical risk', async () => {
    const deck = await open()
    const two = await deck.shell('npm run a && npm run b')
    await expect(propose(deck, two.id, { width: 'kind' })).rejects.toMatchObject({
      code: 'not.possible',
      hint: expect.stringContaining('exact') as string,
    })
    const severe = await deck.exec('rm -rf /')
    await expect(propose(deck, severe.id)).rejects.toMatchObject({ code: 'refused' })
    await expect(propose(deck, severe.id, { decision: 'ask' })).resolves.toMatchObject({
      decision: 'ask',
    })
  })
})

describe('no rule overrides the lock or a policy', () => {
  it.each([
    [
      'the lock blocks it',
      { bounds: { block: [{ type: 'exec', target: 'git push *' }] } },
      { decision: 'block', reasons: [{ layer: 'lock' }] },
    ],
    [
      'the lock asks',
      { bounds: { ask: [{ type: 'exec', target: 'git push *' }] } },
      { pending: true, reasons: [{ layer: 'lock' }] },
    ],
    [
      'its risk is over the auto-approve limit',
      { bounds: { maxAutoRisk: 0 } },
      { pending: true, reasons: [{ layer: 'lock', id: 'maxAutoRisk' }] },
    ],
    [
      'the lock knows no such type',
      { bounds: { types: ['net'] } },
      { decision: 'block', reasons: [{ layer: 'lock' }] },
    ],
    [
      'a policy blocks it',
      { policies: [{ id: 'p1', effect: 'block', target: 'git push *' }] },
      { decision: 'block', reasons: [{ layer: 'policy', id: 'p1' }] },
    ],
    [
      'a policy asks',
      { policies: [{ id: 'p1', effect: 'ask', target: 'git push *' }] },
      { pending: true, reasons: [{ layer: 'policy', id: 'p1' }] },
    ],
  ] as [string, Options, object][])('where %s', async (_, options, answer) => {
    const before = await open()
    const asked = await before.exec(PUSH)
    for (const width of ['exact', 'kind', 'family'] as const)
      await propose(before, asked.id, { width, scope: 'global', days: null })
    expect(await before.exec(PUSH)).toMatchObject({ decision: 'allow' })
    before.close()
    const deck = await open({ ...options, folder: before.folder, clock: before.clock })
    expect(await deck.exec(PUSH)).toMatchObject(answer)
    expect(await deck.exec(PUSH)).not.toMatchObject({ decision: 'allow' })
  })
})

describe('a rule that asks', () => {
  it('is refused if an allowing rule of a narrower scope would decide instead', async () => {
    const deck = await open()
    const asked = await deck.exec(PUSH)
    const allowing = await propose(deck, asked.id)
    await expect(
      propose(deck, asked.id, { decision: 'ask', scope: 'global', width: 'kind' }),
    ).rejects.toMatchObject({
      code: 'not.possible',
      message: expect.stringContaining(allowing.id) as string,
    })
    await deck.deck.suspend(allowing.id, '', WHO)
    expect(
      await propose(deck, asked.id, { decision: 'ask', scope: 'global', width: 'kind' }),
    ).toMatchObject({ decision: 'ask', status: 'confirmed', scope: 'global' })
  })
})
