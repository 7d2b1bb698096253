import { afterEach, describe, expect, it } from 'vitest'
import { DAY, endings, room, RUN, WHO, type Options } from '../room.ts'

const ends = endings()
afterEach(ends.run)
const open = (options?: Options) => room(ends.add, options)
const LEASE = { uses: 5, minutes: 60 }

describe('a yes', () => {
  it('makes a candidate; three confirm it, for that agent and thirty days', async () => {
    const deck = await open()
    await deck.yes()
    expect(await deck.only()).toMatchObject({
      status: 'candidate',
      decision: 'allow',
      scope: 'project',
      scopeKey: 'a1',
      support: 1,
      by: 'learner',
    })
    await deck.yes()
    await deck.yes()
    const rule = await deck.only()
    expect(rule).toMatchObject({ status: 'confirmed', support: 3, missing: [] })
    expect((rule.expiresAt ?? 0) - deck.clock.now()).toBe(30 * DAY - 1000)
    expect(await deck.exec(RUN)).toMatchObject({
      decision: 'allow',
      reasons: [{ layer: 'rule', id: rule.id }],
    })
    expect(await deck.exec(RUN, 'a2')).toMatchObject({ pending: true })
  })

  it('is evidence about what was made of the question, not about what was asked', async () => {
    const deck = await open()
    for (let i = 0; i < 3; i++) await deck.yes('npm run deploy', { edit: RUN })
    expect((await deck.only()).trigger).toContain(`command:${RUN}`)
    expect(await deck.exec(RUN)).toMatchObject({ decision: 'allow' })
    expect(await deck.exec('npm run deploy')).toMatchObject({ pending: true })
  })

  it('after two refusals confirms nothing, and neither do two more without a third', async () => {
    const deck = await open()
    await deck.no()
    await deck.no()
    await deck.yes()
    await deck.yes()
    expect((await deck.rules()).map(({ status }) => status)).not.toContain('confirmed')
    expect(await deck.exec(RUN)).toMatchObject({ pending: true })
  })

  it('to the question of a rule that asks is no word for not asking', async () => {
    const deck = await open()
    const first = await deck.yes('git push origin x')
    const guard = await deck.deck.propose(
      { approval: first.id, width: 'kind', decision: 'ask', scope: 'project', days: 30 },
      WHO,
    )
    for (let i = 0; i < 5; i++) await deck.yes('git push origin x')
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

  it('never makes a critical risk pass, however often it was said', async () => {
    const deck = await open()
    for (let i = 0; i < 4; i++) await deck.yes('rm -rf /')
    const [rule] = await deck.rules()
    if (rule?.status === 'candidate') await deck.deck.confirm(rule.id, '', WHO)
    expect(await deck.deck.risky()).toMatchObject([{ id: rule?.id, riskLevel: 'critical' }])
    expect(await deck.exec('rm -rf /')).toMatchObject({
      pending: true,
      reasons: [{ text: expect.stringContaining('a person decides on a critical risk') as string }],
    })
  })
})

describe('a no', () => {
  it('three in a row make a rule that asks, and never one that allows', async () => {
    const deck = await open()
    for (let i = 0; i < 3; i++) await deck.no()
    expect(await deck.only()).toMatchObject({ status: 'confirmed', decision: 'ask' })
    expect(await deck.exec(RUN)).toMatchObject({
      pending: true,
      reasons: [{ text: expect.stringContaining('asks for a1') as string }],
    })
  })

  it('begins the row of a candidate anew', async () => {
    const deck = await open()
    await deck.yes()
    await deck.yes()
    await deck.no()
    expect((await deck.rules()).find(({ decision }) => decision === 'allow')).toMatchObject({
      status: 'candidate',
      support: 0,
    })
    await deck.yes()
    await deck.yes()
    expect(await deck.exec(RUN)).toMatchObject({ pending: true })
  })

  it('never makes a rule that allows the later word of two', async () => {
    const deck = await open({ bounds: { ask: [{ type: 'exec', target: RUN }] } })
    for (let i = 0; i < 3; i++) await deck.yes()
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
    await deck.no()
    const seen = (id: string) => deck.kept(id).rule.last_seen_at
    expect(seen(allow.id) < seen(guard.id)).toBe(true)
  })
})

describe('an outcome', () => {
  it('that went wrong after a yes speaks against it; two suspend, more archive', async () => {
    const deck = await open()
    const asked = [await deck.yes(), await deck.yes()]
    await deck.ended(asked[0] as { id: string }, 'failure')
    expect(await deck.only()).toMatchObject({ status: 'candidate', support: 0 })
    await deck.yes()
    await deck.yes()
    await deck.yes()
    const rule = await deck.only()
    expect(rule.status).toBe('confirmed')
    const ran = [await deck.exec(RUN), await deck.exec(RUN), await deck.exec(RUN)]
    for (const one of ran.slice(0, 2)) await deck.ended(one, 'failure')
    expect(await deck.only()).toMatchObject({
      status: 'suspended',
      suspensionReason: 'repeated_failure',
      failures: 2,
    })
    await deck.ended(ran[2] as { id: string }, 'failure')
    const { row, history } = await deck.deck.get(rule.id)
    expect(row.status).toBe('archived')
    expect(history[0]).toMatchObject({
      type: 'rule.archived',
      from: 'suspended',
      because: 'continued_negative_evidence',
    })
    expect(await deck.exec(RUN)).toMatchObject({ pending: true, reasons: [{ layer: 'default' }] })
  })

  it('that goes on going wrong, or three refusals of what is suspended, put a rule away', async () => {
    const deck = await open()
    const id = await deck.learned()
    await deck.deck.suspend(id, '', WHO)
    deck.clock.advance(1000)
    for (let i = 0; i < 3; i++) await deck.no()
    expect(await deck.deck.get(id)).toMatchObject({ row: { status: 'archived' } })
  })

  it('a success after a yes is no second yes', async () => {
    const deck = await open()
    await deck.ended(await deck.yes(), 'success')
    await deck.ended(await deck.yes(), 'success')
    expect(await deck.only()).toMatchObject({ status: 'candidate', support: 2 })
  })

  it('a rollback suspends at once', async () => {
    const deck = await open()
    await deck.learned()
    await deck.ended(await deck.exec(RUN), 'rollback')
    expect(await deck.only()).toMatchObject({ status: 'suspended', suspensionReason: 'rollback' })
  })

  it('of what passed unasked counts, but makes no rule last longer, nor the later one of two', async () => {
    const deck = await open()
    const id = await deck.learned()
    const before = deck.kept(id)
    deck.clock.advance(DAY)
    await deck.ended(await deck.exec(RUN), 'success')
    const after = deck.kept(id)
    expect(after.rule.success_streak).toBe(before.rule.success_streak + 1)
    expect([after.expiresAt, after.rule.last_seen_at]).toEqual([
      before.expiresAt,
      before.rule.last_seen_at,
    ])
  })

  it('that is told late does not bring back what an operator has asked to be asked', async () => {
    const deck = await open()
    await deck.learned()
    const ran = await deck.exec(RUN)
    await deck.deck.propose(
      { approval: ran.id, width: 'kind', decision: 'ask', scope: 'project', days: 7 },
      WHO,
    )
    expect(await deck.exec(RUN)).toMatchObject({ pending: true })
    await deck.ended(ran, 'success')
    expect(await deck.exec(RUN)).toMatchObject({ pending: true })
  })

  it('of what a lease allowed counts against, and not for: a bounded yes is one yes, whatever the agent makes of it', async () => {
    const deck = await open()
    await deck.yes(RUN, { lease: LEASE })
    for (let i = 0; i < 3; i++) await deck.ended(await deck.exec(RUN), 'success')
    expect(await deck.only()).toMatchObject({ status: 'candidate', support: 1 })
    await deck.ended(await deck.exec(RUN), 'failure')
    expect(await deck.only()).toMatchObject({ status: 'candidate', support: 0, failures: 1 })
  })

  it('of its own successes an agent can wake no rule, however many it has kept back', async () => {
    const deck = await open()
    const id = await deck.learned()
    const ran = []
    for (let i = 0; i < 8; i++) ran.push(await deck.exec(RUN))
    for (const [i, one] of ran.entries()) await deck.ended(one, i < 2 ? 'failure' : 'success')
    expect(await deck.only()).toMatchObject({ id, status: 'suspended', support: 0 })
    expect(await deck.exec(RUN)).toMatchObject({ pending: true })
  })

  it('told again is told once: the same words, in one commit, and after a restart', async () => {
    const deck = await open()
    const id = await deck.learned()
    const [ran, late] = [await deck.exec(RUN), await deck.exec(RUN)]
    const outcome = { result: 'success' as const, exitCode: 0, note: '' }
    const streak = () => deck.kept(id).rule.success_streak
    const before = streak()
    await Promise.all([1, 2, 3].map(() => deck.guard.report('a1', ran.id, outcome)))
    expect(streak()).toBe(before + 1)
    await expect(
      deck.guard.report('a1', ran.id, { ...outcome, result: 'failure' }),
    ).rejects.toMatchObject({ code: 'not.possible' })
    deck.close()
    const next = await open({ folder: deck.folder, clock: deck.clock })
    await next.ended(ran, 'success')
    await next.ended(late, 'success')
    expect(next.kept(id).rule.success_streak).toBe(before + 1)
  })

  it('of what no rule, no lease and no person allowed teaches nothing; nor does a question that nobody answered', async () => {
    const deck = await open({
      bounds: { allow: [{ type: 'exec', target: 'npm test' }] },
      policies: [{ id: 'p1', effect: 'allow', type: 'exec', target: 'npm ci' }],
    })
    for (const command of ['npm test', 'npm ci'])
      for (let i = 0; i < 3; i++) await deck.ended(await deck.exec(command), 'failure')
    const asked = await deck.exec(RUN)
    deck.clock.advance(11 * 60_000)
    await deck.append()
    expect(await deck.guard.wait('a1', asked.id, 0, new AbortController().signal)).toMatchObject({
      decision: 'block',
    })
    expect(await deck.rules()).toEqual([])
  })
})

describe('after a suspension', () => {
  it('two yeses wake it to a candidate, and the row of three begins with them', async () => {
    const deck = await open()
    const id = await deck.learned()
    for (let i = 0; i < 2; i++) await deck.ended(await deck.exec(RUN), 'failure')
    await deck.yes()
    expect(await deck.only()).toMatchObject({ id, status: 'suspended' })
    await deck.yes()
    expect(await deck.only()).toMatchObject({ id, status: 'candidate', support: 2, failures: 0 })
    await deck.yes()
    expect(await deck.only()).toMatchObject({ id, status: 'confirmed' })
  })

  it('by an operator it takes as many: what was before does not count', async () => {
    const deck = await open()
    const id = await deck.learned()
    await deck.deck.suspend(id, 'wait', WHO)
    deck.clock.advance(1000)
    await deck.deck.resume(id, '', WHO)
    deck.clock.advance(1000)
    await deck.yes()
    await deck.yes()
    expect(await deck.only()).toMatchObject({ status: 'candidate', support: 2 })
    await deck.yes()
    expect(await deck.only()).toMatchObject({ status: 'confirmed' })
  })

  it("of a deleted agent's rules the next agent of its name is asked", async () => {
    const deck = await open()
    const id = await deck.learned()
    await deck.append(...deck.services.changes.retire('a1', WHO), {
      type: 'agent.deleted',
      actor: WHO,
      subject: 'a1',
      body: { trash: 't', lock: '' },
    })
    await deck.append({
      type: 'agent.created',
      actor: WHO,
      subject: 'a1',
      body: { template: 'coder', backend: 'memory', isolation: 'none', unenforced: [], lock: '' },
    })
    expect(deck.kept(id).rule).toMatchObject({
      status: 'suspended',
      suspension_reason: 'agent_deleted',
    })
    expect(await deck.exec(RUN)).toMatchObject({
      pending: true,
      reasons: [{ text: expect.stringContaining('its agent was deleted') as string }],
    })
  })
})

describe('a complaint that a person should have been asked', () => {
  it('twice suspends the rule that allowed it; the same one twice counts once', async () => {
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

  it('makes a rule that asks where none allowed it but a lease', async () => {
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
  ])('about what the %s allowed is told where to go', async (by, options) => {
    const deck = await open(options)
    await expect(deck.deck.missed((await deck.exec(RUN)).id, '', WHO)).rejects.toMatchObject({
      code: 'not.possible',
      message: expect.stringContaining(by) as string,
    })
  })

  it('about what a person was asked, or what nobody knows, is refused', async () => {
    const deck = await open()
    await expect(deck.deck.missed((await deck.yes()).id, '', WHO)).rejects.toMatchObject({
      code: 'not.possible',
    })
    await expect(deck.deck.missed('act_zzz', '', WHO)).rejects.toMatchObject({ code: 'not.found' })
  })
})

describe('the reason for an answer', () => {
  it('counts yeses, not what went well since; and says whose word it was', async () => {
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

describe('what happens to an agent', () => {
  it('teaches nothing', async () => {
    const deck = await open()
    await deck.learned()
    const before = deck.kept((await deck.only()).id)
    await deck.exec(RUN)
    await deck.append(
      {
        type: 'agent.exited',
        actor: 'supervisor',
        subject: 'a1',
        body: { exitCode: 1, note: 'killed' },
      },
      { type: 'agent.failed', actor: 'supervisor', subject: 'a1', body: { note: 'no image' } },
      { type: 'agent.command_run', actor: WHO, subject: 'a1', body: { argv: RUN.split(' ') } },
    )
    expect(deck.kept((await deck.only()).id)).toEqual(before)
  })
})
