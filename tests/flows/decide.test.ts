import { afterEach, describe, expect, it } from 'vitest'
import type { Approval } from '../../src/domain/approvals/types.ts'
import { ManualClock } from '../support/clock.ts'
import { OPERATOR, TestDeck } from '../support/deck.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})
const open = (clock?: ManualClock) => new TestDeck((act) => cleanups.push(act), clock).start()

/** A millisecond goes by whenever somebody looks. */
class CreepingClock extends ManualClock {
  creeps = false
  override now(): number {
    if (this.creeps) this.jump(1)
    return super.now()
  }
}

async function asked(deck: TestDeck): Promise<Approval> {
  const [approval] = await deck.deck.approvals.list('pending', 1)
  if (approval === undefined) throw new Error('nothing waits')
  return approval
}

describe('an agent asks, a person decides', () => {
  it('waits, is allowed with a word, says what became of it, and the journal tells it all', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    const heard = await a1.exec('git push origin main')
    expect(heard).toMatchObject({ decision: 'require_approval', pending: true })
    const waiting = a1.wait(heard.id)
    await deck.deck.approvals.allow(heard.id, { note: 'go ahead' }, OPERATOR)
    expect(await waiting).toMatchObject({
      decision: 'allow',
      pending: false,
      reasons: [{ layer: 'operator', text: 'go ahead' }],
    })
    await a1.say('POST', `/v1/asks/${heard.id}/outcome`, { result: 'success', exit_code: 0 })
    expect(await deck.deck.approvals.get(heard.id)).toMatchObject({
      state: 'allowed',
      by: OPERATOR,
      outcome: { result: 'success' },
    })
    expect(
      deck
        .events()
        .map((e) => e.type)
        .slice(-4),
    ).toEqual(['approval.requested', 'approval.decided', 'rule.added', 'action.reported'])
    expect(await deck.deck.audit.verify({})).toMatchObject({ ok: true })
    expect(await deck.deck.audit.rebuild()).toMatchObject({ same: true, differences: [] })
  })

  it('hears a denial with its reason; the second to decide is told who was first', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    const heard = await a1.exec('npm install left-pad')
    const both = await Promise.allSettled([
      deck.deck.approvals.deny(heard.id, { note: 'not this one' }, 'operator:console'),
      deck.deck.approvals.allow(heard.id, {}, OPERATOR),
    ])
    expect(both[0].status).toBe('fulfilled')
    expect(both[1]).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'approval.decided',
        message: expect.stringContaining('denied by operator:console') as string,
      },
    })
    expect(await a1.wait(heard.id)).toMatchObject({
      decision: 'block',
      reasons: [{ layer: 'operator', text: 'not this one' }],
    })
  })

  it('denies what nobody decided in time, however the wall clock was set', async () => {
    const clock = new ManualClock()
    const deck = await open(clock)
    const a1 = await deck.agent('a1')
    const first = await a1.exec('git push origin main')
    const waiting = a1.wait(first.id)
    clock.advance(5 * 60_000)
    await deck.event((e) => e.type === 'approval.expired')
    expect(await waiting).toMatchObject({ decision: 'block', reasons: [{ layer: 'expiry' }] })
    const second = await a1.exec('git push origin main')
    clock.jump(60 * 60_000)
    await expect(deck.deck.approvals.allow(second.id, {}, OPERATOR)).rejects.toMatchObject({
      code: 'approval.decided',
    })
  })

  it('writes a decision in time down as one in time', async () => {
    const clock = new CreepingClock()
    const deck = await open(clock)
    const a1 = await deck.agent('a1')
    const { id } = await a1.exec('git push origin main')
    const { expiresAt } = await deck.deck.approvals.get(id)
    clock.jump(expiresAt - 2 - clock.now())
    clock.creeps = true
    await deck.deck.approvals.allow(id, {}, OPERATOR)
    expect(deck.events().find((e) => e.type === 'approval.decided')?.at).toBe(expiresAt - 1)
  })

  it('runs what the operator made of it, but never beyond the lock', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    const heard = await a1.exec('git push origin main')
    await expect(
      deck.deck.approvals.allow(
        heard.id,
        { edit: { target: 'git push --force origin main' } },
        OPERATOR,
      ),
    ).rejects.toMatchObject({ code: 'refused' })
    await deck.deck.approvals.allow(
      heard.id,
      { edit: { target: 'git push origin feature/x' } },
      OPERATOR,
    )
    expect(await a1.wait(heard.id)).toMatchObject({
      decision: 'allow',
      edited: { argv: ['git', 'push', 'origin', 'feature/x'] },
    })
  })
})

describe('leases and policies', () => {
  it('answers so often, for so long, and for nothing that only looks alike', async () => {
    const clock = new ManualClock()
    const deck = await open(clock)
    const a1 = await deck.agent('a1')
    const heard = await a1.exec('git push origin main')
    await deck.deck.approvals.allow(
      heard.id,
      { lease: { uses: 2, minutes: 10, target: 'git push *' } },
      OPERATOR,
    )
    expect(await a1.exec('git push origin dev')).toMatchObject({
      decision: 'allow',
      reasons: [{ layer: 'lease' }],
    })
    expect(await a1.exec('git push; curl evil')).toMatchObject({ pending: true })
    expect(await a1.exec('git push origin dev')).toMatchObject({ decision: 'allow' })
    expect(await a1.exec('git push origin dev')).toMatchObject({ pending: true })
    expect(await deck.deck.leases.list('active')).toEqual([])
  })

  it('ends a lease with its time', async () => {
    const clock = new ManualClock()
    const deck = await open(clock)
    const a1 = await deck.agent('a1')
    await deck.deck.approvals.allow(
      (await a1.exec('git push origin main')).id,
      { lease: { uses: 9, minutes: 10 } },
      OPERATOR,
    )
    expect(await a1.exec('git push origin main')).toMatchObject({ decision: 'allow' })
    clock.advance(10 * 60_000)
    await deck.event((e) => e.type === 'lease.expired')
    expect(await a1.exec('git push origin main')).toMatchObject({ pending: true })
  })

  it('remembers a never, which no one is asked again', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    await deck.deck.approvals.deny(
      (await a1.exec('git push origin main')).id,
      { remember: true, note: 'main is protected' },
      OPERATOR,
    )
    expect(await a1.exec('git push origin main')).toMatchObject({
      decision: 'block',
      pending: false,
      reasons: [{ layer: 'policy', text: expect.stringContaining('main is protected') as string }],
    })
    expect((await deck.deck.policy.list()).policies).toMatchObject([{ effect: 'block', uses: 1 }])
  })

  it('refuses what the lock forbids, whatever a policy says', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    for (const type of ['exec', 'spend'])
      await deck.deck.policy.add({ effect: 'allow', type, target: '*' }, OPERATOR)
    expect(await a1.exec('sudo ls')).toMatchObject({
      decision: 'block',
      reasons: [{ layer: 'lock' }],
    })
    expect(await a1.ask({ type: 'spend', target: '100 EUR' })).toMatchObject({ decision: 'block' })
  })
})

describe('what must not get through', () => {
  it('lends more of what was allowed, not of what was asked', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    const heard = await a1.exec('npm install left-pad')
    await deck.deck.approvals.allow(
      heard.id,
      { edit: { target: 'npm install left-pad@1.3.0' }, lease: { uses: 5, minutes: 10 } },
      OPERATOR,
    )
    expect(await a1.exec('npm install left-pad')).toMatchObject({ pending: true })
    expect(await a1.exec('npm install left-pad@1.3.0')).toMatchObject({
      decision: 'allow',
      reasons: [{ layer: 'lease' }],
    })
  })

  it('gives nothing of a deleted agent to the next of its name', async () => {
    const deck = await open()
    const first = await deck.agent('a1')
    const heard = await first.exec('npm install left-pad')
    await deck.deck.approvals.allow(
      heard.id,
      { lease: { uses: 50, minutes: 60, target: 'npm *' } },
      OPERATOR,
    )
    await deck.deck.agents.remove('a1', true, OPERATOR)
    const second = await deck.agent('a1')
    expect(await second.wait(heard.id, 0)).toMatchObject({ error: { code: 'approval.unknown' } })
    expect(await second.exec('npm install left-pad')).toMatchObject({ pending: true })
  })

  it("keeps one agent from hearing another agent's answers", async () => {
    const deck = await open()
    const [a1, a2] = [await deck.agent('a1'), await deck.agent('a2')]
    const heard = await a1.exec('git push origin main')
    await deck.deck.approvals.allow(heard.id, {}, OPERATOR)
    expect(await a2.wait(heard.id, 0)).toMatchObject({ error: { code: 'approval.unknown' } })
  })

  it('denies the flood of one agent, and leaves the others their queue', async () => {
    const deck = await open()
    const [a1, a2] = [await deck.agent('a1'), await deck.agent('a2')]
    for (let i = 0; i < 32; i++) await a1.exec(`git push origin b${i}`)
    expect(await a1.exec('git push origin more')).toMatchObject({
      decision: 'block',
      reasons: [{ layer: 'supervisor' }],
    })
    expect(await a2.exec('git push origin main')).toMatchObject({ pending: true })
  })

  it('answers what waited with a denial when the agent is stopped', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    await a1.exec('git push origin main')
    const { id } = await asked(deck)
    await deck.deck.agents.stop('a1', OPERATOR)
    expect(await deck.deck.approvals.get(id)).toMatchObject({
      state: 'expired',
      note: 'the agent was stopped',
    })
  })
})
