import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import {
  accept,
  ALLOWED,
  allowing,
  cut,
  expectCareful,
  expectTrusted,
  problemOf,
  restarted,
} from '../support/careful-deck.ts'
import { OPERATOR } from '../support/deck.ts'

const cleanups: (() => unknown)[] = []
const onEnd = (act: () => unknown) => {
  cleanups.push(act)
}
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

describe('a journal whose end was cut off while it was not served', () => {
  it('allows nothing without a person, until an owner accepts the loss', async () => {
    const fleet = await allowing(onEnd)
    const { deck, a1 } = fleet
    const kept = deck.events().findLast(({ type }) => type === 'supervisor.stopped')?.seq ?? 0
    await a1.exec(ALLOWED.policy)
    const lost = deck.events().length - kept
    await cut(fleet)
    await deck.start()
    await expectCareful(fleet)
    const broken = await deck.deck.audit.verify({})
    expect(broken).toMatchObject({ ok: false, firstBad: kept + 1, losses: [] })

    await restarted(fleet)
    await expectCareful(fleet)

    const accepted = await accept(fleet)
    expect(accepted).toMatchObject({ after: kept, lost, by: 'operator:maya/cli' })
    expect(deck.events()[accepted.event - 1]).toMatchObject({
      type: 'journal.loss_accepted',
      actor: 'operator:maya/cli',
      body: { after: kept, lost },
    })
    for (let starts = 0; starts < 2; starts++) {
      expect(await problemOf(fleet)).toBeNull()
      expect(await a1.exec(ALLOWED.template)).toMatchObject({ decision: 'allow' })
      expect(await a1.exec(ALLOWED.policy)).toMatchObject({ decision: 'allow' })
      expect(await a1.exec(ALLOWED.lease)).toMatchObject({ pending: true })
      expect(await a1.exec(ALLOWED.rule)).toMatchObject({ pending: true })
      expect(await deck.deck.audit.verify({ deep: true })).toMatchObject({
        ok: true,
        problems: [],
        losses: [{ after: kept, lost, by: 'operator:maya/cli', event: accepted.event }],
      })
      await restarted(fleet)
    }
    expect(await deck.deck.audit.rebuild()).toMatchObject({ same: true })
    await expect(accept(fleet)).rejects.toMatchObject({ code: 'not.possible' })
  })

  it('brings nothing back that had ended', async () => {
    const fleet = await allowing(onEnd)
    const { deck, a1 } = fleet
    const before = { denied: await a1.exec('npm install x'), waits: await a1.exec('npm install y') }
    await restarted(fleet)
    await deck.deck.approvals.deny(before.denied.id, { note: 'no' }, OPERATOR)
    const [lease] = await deck.deck.leases.list('active')
    await deck.deck.leases.revoke(lease?.id ?? '', OPERATOR)
    const [rule] = await deck.deck.rules.list({ limit: 1, status: 'confirmed' })
    await deck.deck.rules.archive(rule?.id ?? '', '', OPERATOR)
    const [policy] = (await deck.deck.policy.list()).policies
    await deck.deck.policy.remove(policy?.id ?? '', OPERATOR)
    await cut(fleet)
    await deck.start()
    for (const { id } of Object.values(before)) {
      expect(await a1.wait(id, 0)).toMatchObject({ decision: 'block', pending: false })
      await expect(deck.deck.approvals.allow(id, {}, OPERATOR)).rejects.toMatchObject({
        code: 'approval.decided',
      })
    }
    await accept(fleet)
    expect(await deck.deck.leases.list('active')).toEqual([])
    expect(await deck.deck.rules.list({ limit: 9, status: 'confirmed' })).toEqual([])
    expect((await deck.deck.policy.list()).policies.map(({ id }) => id)).not.toContain(policy?.id)
    for (const command of [ALLOWED.policy, ALLOWED.lease, ALLOWED.rule])
      expect(await a1.exec(command), command).toMatchObject({ pending: true })
  })

  it('is trusted again once the whole database is back', async () => {
    const fleet = await allowing(onEnd)
    const { deck } = fleet
    await restarted(fleet)
    await deck.stop()
    const [whole, older] = [`${deck.home.root}/whole.db`, `${deck.home.root}/older.db`]
    copyFileSync(deck.home.database, older)
    await deck.start()
    await deck.stop()
    copyFileSync(deck.home.database, whole)
    copyFileSync(older, deck.home.database)
    await deck.start()
    await expectCareful(fleet)
    await deck.stop()
    copyFileSync(whole, deck.home.database)
    await deck.start()
    await expectTrusted(fleet)
  })

  it('keeps the lines of the lost events', async () => {
    const fleet = await allowing(onEnd)
    const { deck, a1 } = fleet
    const { id } = await a1.exec('npm install lost')
    await deck.deck.audit.verify({})
    await cut(fleet)
    await deck.start()
    const { event } = await accept(fleet)
    for (const file of [deck.home.mirror, deck.home.agent('a1').mirror]) {
      expect(readFileSync(`${file}.before-${event}`, 'utf8')).toContain(id)
      expect(readFileSync(file, 'utf8')).not.toContain(id)
    }
  })

  it('learns nothing and signs nothing', async () => {
    const fleet = await allowing(onEnd)
    const { deck, a1 } = fleet
    await cut(fleet)
    await deck.start()
    const taught = (after: string) => {
      const types = deck.events().map(({ type }) => type)
      return types
        .slice(types.lastIndexOf(after as never))
        .filter((type) => /^rule\.(?!susp)/.test(type))
    }
    const allow = async (command: string) =>
      deck.deck.approvals.allow((await a1.exec(command)).id, {}, OPERATOR)
    await allow('npm ci')
    expect(taught('journal.loss_found')).toEqual([])
    await expect(deck.deck.audit.checkpoint()).rejects.toMatchObject({ code: 'journal.corrupt' })
    await accept(fleet)
    await allow('npm ci')
    expect(taught('journal.loss_accepted')).not.toEqual([])
    expect(await deck.deck.audit.checkpoint()).toMatchObject({ seq: deck.events().length })
  })

  it('counts what a person granted after that, once the loss is accepted', async () => {
    const fleet = await allowing(onEnd)
    const { deck, a1 } = fleet
    await cut(fleet)
    await deck.start()
    const { id } = await a1.exec('npm ci')
    await deck.deck.approvals.allow(id, { lease: { uses: 9, minutes: 60 } }, OPERATOR)
    expect(await a1.exec('npm ci')).toMatchObject({ pending: true })
    await accept(fleet)
    expect(await a1.exec('npm ci')).toMatchObject({ decision: 'allow' })
  })

  it('is not asked about twice if the supervisor is killed while the loss is accepted', async () => {
    const fleet = await allowing(onEnd)
    const { deck, a1 } = fleet
    await cut(fleet)
    await deck.start()
    const mark = readFileSync(deck.home.headMark)
    await accept(fleet)
    await deck.crash(() => writeFileSync(deck.home.headMark, mark))
    await deck.start()
    expect(await problemOf(fleet)).toBeNull()
    expect(await a1.exec(ALLOWED.policy)).toMatchObject({ decision: 'allow' })
    expect(await deck.deck.audit.verify({})).toMatchObject({ ok: true, problems: [] })
  })
})
