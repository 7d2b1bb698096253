import { afterEach, describe, expect, it } from 'vitest'
import { DAY, endings, openRuleDeck, RUN, WHO, type Options } from '../rule-deck.ts'

const ends = endings()

afterEach(ends.run)

const open = (options?: Options) => openRuleDeck(ends.add, options)

describe('an approval', () => {
  it('makes a candidate; three confirm it, for that agent and 30 days', async () => {
    const deck = await open()
    await deck.approve()
    expect(await deck.only()).toMatchObject({
      status: 'candidate',
      decision: 'allow',
      scope: 'project',
      scopeKey: 'a1',
      support: 1,
      by: 'learner',
    })
    await deck.approve()
    await deck.approve()
    const rule = await deck.only()
    expect(rule).toMatchObject({ status: 'confirmed', support: 3, missing: [] })
    expect((rule.expiresAt ?? 0) - deck.clock.now()).toBe(30 * DAY - 1000)
    expect(await deck.exec(RUN)).toMatchObject({
      decision: 'allow',
      reasons: [{ layer: 'rule', id: rule.id }],
    })
    expect(await deck.exec(RUN, 'a2')).toMatchObject({ pending: true })
  })

  it('is evidence about the edited action, not about the one that was asked', async () => {
    const deck = await open()
    for (let i = 0; i < 3; i++) await deck.approve('npm run deploy', { edit: RUN })
    expect((await deck.only()).trigger).toContain(`command:${RUN}`)
    expect(await deck.exec(RUN)).toMatchObject({ decision: 'allow' })
    expect(await deck.exec('npm run deploy')).toMatchObject({ pending: true })
  })

  it('after two denials confirms nothing, nor do two more without a third', async () => {
    const deck = await open()
    await deck.deny()
    await deck.deny()
    await deck.approve()
    await deck.approve()
    expect((await deck.rules()).map(({ status }) => status)).not.toContain('confirmed')
    expect(await deck.exec(RUN)).toMatchObject({ pending: true })
  })

  it('of a question that a rule asks about does not support allowing it', async () => {
    const deck = await open()
    const first = await deck.approve('git push origin x')
    const guard = await deck.deck.propose(
      { approval: first.id, width: 'kind', decision: 'ask', scope: 'project', days: 30 },
      WHO,
    )
    for (let i = 0; i < 5; i++) await deck.approve('git push origin x')
    expect(await deck.exec('git push origin x')).toMatchObject({
      pending: true,
      reasons: [{ layer: 'rule', id: guard.id }],
    })
    expect(
      (await deck.rules()).filter(
        ({ decision, status }) => decision === 'allow' && status === 'confirmed',
      ),
    ).toEqual([])
  })

  it('never allows a critical risk, however often it was given', async () => {
    const deck = await open()
    for (let i = 0; i < 4; i++) await deck.approve('rm -rf /')
    const [rule] = await deck.rules()
    if (rule?.status === 'candidate') await deck.deck.confirm(rule.id, '', WHO)
    expect(await deck.deck.risky()).toMatchObject([{ id: rule?.id, riskLevel: 'critical' }])
    expect(await deck.exec('rm -rf /')).toMatchObject({
      pending: true,
      reasons: [{ text: expect.stringContaining('a person decides on a critical risk') as string }],
    })
  })
})

describe('a denial', () => {
  it('three times in a row makes a rule that asks, and never one that allows', async () => {
    const deck = await open()
    for (let i = 0; i < 3; i++) await deck.deny()
    expect(await deck.only()).toMatchObject({ status: 'confirmed', decision: 'ask' })
    expect(await deck.exec(RUN)).toMatchObject({
      pending: true,
      reasons: [{ text: expect.stringContaining('asks for a1') as string }],
    })
  })

  it('resets the count of a candidate', async () => {
    const deck = await open()
    await deck.approve()
    await deck.approve()
    await deck.deny()
    expect((await deck.rules()).find(({ decision }) => decision === 'allow')).toMatchObject({
      status: 'candidate',
      support: 0,
    })
    await deck.approve()
    await deck.approve()
    expect(await deck.exec(RUN)).toMatchObject({ pending: true })
  })

  it('never makes an allowing rule the one that was last seen', async () => {
    const deck = await open({ bounds: { ask: [{ type: 'exec', target: RUN }] } })
    for (let i = 0; i < 3; i++) await deck.approve()
    const allow = await deck.only()
    const guard = await deck.deck.propose(
      {
        approval: (await deck.exec(RUN)).id,
        width: 'kind',
        decision: 'ask',
        scope: 'project',
        days: 30,
      },
      WHO,
    )
    await deck.deny()
    const seen = (id: string) => deck.record(id).rule.last_seen_at
    expect(seen(allow.id) < seen(guard.id)).toBe(true)
  })
})
