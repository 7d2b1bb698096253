import { afterEach, describe, expect, it } from 'vitest'
import { DAY, endings, openRuleDeck, RUN, WHO, type Options } from '../rule-deck.ts'

const ends = endings()

afterEach(ends.run)

const open = (options?: Options) => openRuleDeck(ends.add, options)

const LEASE = { uses: 5, minutes: 60 }

describe('an outcome', () => {
  it('that failed counts against the rule; two suspend it, more archive it', async () => {
    const deck = await open()
    const asked = [await deck.approve(), await deck.approve()]
    await deck.ended(asked[0] as { id: string }, 'failure')
    expect(await deck.only()).toMatchObject({ status: 'candidate', support: 0 })
    await deck.approve()
    await deck.approve()
    await deck.approve()
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

  it('that keeps failing, or three denials of a suspended rule, archive it', async () => {
    const deck = await open()
    const id = await deck.learned()
    await deck.deck.suspend(id, '', WHO)
    deck.clock.advance(1000)
    for (let i = 0; i < 3; i++) await deck.deny()
    expect(await deck.deck.get(id)).toMatchObject({ row: { status: 'archived' } })
  })

  it('of success after an approval is not a second approval', async () => {
    const deck = await open()
    await deck.ended(await deck.approve(), 'success')
    await deck.ended(await deck.approve(), 'success')
    expect(await deck.only()).toMatchObject({ status: 'candidate', support: 2 })
  })

  it('of rollback suspends at once', async () => {
    const deck = await open()
    await deck.learned()
    await deck.ended(await deck.exec(RUN), 'rollback')
    expect(await deck.only()).toMatchObject({ status: 'suspended', suspensionReason: 'rollback' })
  })

  it('of what a rule allowed counts, but renews neither its expiry nor its last use', async () => {
    const deck = await open()
    const id = await deck.learned()
    const before = deck.record(id)
    deck.clock.advance(DAY)
    await deck.ended(await deck.exec(RUN), 'success')
    const after = deck.record(id)
    expect(after.rule.success_streak).toBe(before.rule.success_streak + 1)
    expect([after.expiresAt, after.rule.last_seen_at]).toEqual([
      before.expiresAt,
      before.rule.last_seen_at,
    ])
  })

  it('that is reported late does not resume a rule that an operator suspended', async () => {
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

  it('of what a lease allowed counts against a rule but not for it', async () => {
    const deck = await open()
    await deck.approve(RUN, { lease: LEASE })
    for (let i = 0; i < 3; i++) await deck.ended(await deck.exec(RUN), 'success')
    expect(await deck.only()).toMatchObject({ status: 'candidate', support: 1 })
    await deck.ended(await deck.exec(RUN), 'failure')
    expect(await deck.only()).toMatchObject({ status: 'candidate', support: 0, failures: 1 })
  })

  it('of success that an agent reports resumes no rule, however many there are', async () => {
    const deck = await open()
    const id = await deck.learned()
    const ran = []
    for (let i = 0; i < 8; i++) ran.push(await deck.exec(RUN))
    for (const [i, one] of ran.entries()) await deck.ended(one, i < 2 ? 'failure' : 'success')
    expect(await deck.only()).toMatchObject({ id, status: 'suspended', support: 0 })
    expect(await deck.exec(RUN)).toMatchObject({ pending: true })
  })

  it('that is reported again counts once: in one commit, and after a restart', async () => {
    const deck = await open()
    const id = await deck.learned()
    const [ran, late] = [await deck.exec(RUN), await deck.exec(RUN)]
    const outcome = { result: 'success' as const, exitCode: 0, note: '' }
    const streak = () => deck.record(id).rule.success_streak
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
    expect(next.record(id).rule.success_streak).toBe(before + 1)
  })

  it('of what no rule, lease or person allowed teaches nothing, nor does a question that expired', async () => {
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
  it('two approvals make it a candidate again, and count towards the three', async () => {
    const deck = await open()
    const id = await deck.learned()
    for (let i = 0; i < 2; i++) await deck.ended(await deck.exec(RUN), 'failure')
    await deck.approve()
    expect(await deck.only()).toMatchObject({ id, status: 'suspended' })
    await deck.approve()
    expect(await deck.only()).toMatchObject({ id, status: 'candidate', support: 2, failures: 0 })
    await deck.approve()
    expect(await deck.only()).toMatchObject({ id, status: 'confirmed' })
  })

  it('by an operator it takes as many: earlier approvals do not count', async () => {
    const deck = await open()
    const id = await deck.learned()
    await deck.deck.suspend(id, 'wait', WHO)
    deck.clock.advance(1000)
    await deck.deck.resume(id, '', WHO)
    deck.clock.advance(1000)
    await deck.approve()
    await deck.approve()
    expect(await deck.only()).toMatchObject({ status: 'candidate', support: 2 })
    await deck.approve()
    expect(await deck.only()).toMatchObject({ status: 'confirmed' })
  })

  it('because its agent was deleted, a rule asks about the next agent of that name', async () => {
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
    expect(deck.record(id).rule).toMatchObject({
      status: 'suspended',
      suspension_reason: 'agent_deleted',
    })
    expect(await deck.exec(RUN)).toMatchObject({
      pending: true,
      reasons: [{ text: expect.stringContaining('its agent was deleted') as string }],
    })
  })
})

describe('an event of an agent', () => {
  it('teaches nothing', async () => {
    const deck = await open()
    await deck.learned()
    const before = deck.record((await deck.only()).id)
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
    expect(deck.record((await deck.only()).id)).toEqual(before)
  })
})
