import { afterEach, describe, expect, it } from 'vitest'
import { findFace } from '../../../../src/commands/registry.ts'
import { ASK } from '../../../../src/clawpolicy/types.ts'
import { DAY, endings, openRuleDeck, WHO, type Options } from '../rule-deck.ts'

const ends = endings()

afterEach(ends.run)

const open = (options?: Options) => openRuleDeck(ends.add, options)

/** From every state, where each act leads; undefined: it is refused. */
const TABLE = {
  hint: {
    confirm: 'confirmed',
    suspend: undefined,
    resume: undefined,
    archive: 'archived',
    restore: undefined,
  },
  candidate: {
    confirm: 'confirmed',
    suspend: 'suspended',
    resume: undefined,
    archive: 'archived',
    restore: undefined,
  },
  confirmed: {
    confirm: undefined,
    suspend: 'suspended',
    resume: undefined,
    archive: 'archived',
    restore: undefined,
  },
  suspended: {
    confirm: 'confirmed',
    suspend: undefined,
    resume: 'candidate',
    archive: 'archived',
    restore: undefined,
  },
  archived: {
    confirm: undefined,
    suspend: undefined,
    resume: undefined,
    archive: undefined,
    restore: 'candidate',
  },
} as const

/** Only a suspended rule has a reason, and it keeps it in the archive. */
function reasonAfter(act: string, before: string): string {
  if (act === 'suspend') return 'operator'
  return act === 'archive' ? before : ''
}

const EVERY = Object.entries(TABLE).flatMap(([from, acts]) =>
  Object.entries(acts).map(([act, to]) => [act, from, to] as const),
) as (readonly [keyof typeof TABLE.hint, keyof typeof TABLE, 'candidate' | undefined])[]

describe('a move by an operator', () => {
  it.each(EVERY)('%s of a rule that is %s leads to %s', async (act, from, to) => {
    const deck = await open()
    const id = await deck.given({
      id: 'r1',
      status: from,
      suspension_reason: from === 'suspended' ? 'repeated_failure' : '',
      failure_streak: 2,
      override_streak: 1,
      conflict_count: 1,
    })
    const row = (await deck.deck.get(id)).row
    const before = deck.journal.head().seq
    const why = findFace(`rule.${act}`)?.unavailable?.(row as never)
    if (to === undefined) {
      expect(why).toContain('r1 is')
      await expect(deck.deck[act](id, 'because', WHO)).rejects.toMatchObject({
        code: 'not.possible',
        message: why,
      })
      expect(deck.journal.head().seq).toBe(before)
      return
    }
    expect(why).toBeUndefined()
    expect(await deck.deck[act](id, 'because\u001b[2J', WHO)).toMatchObject({
      status: to,
      suspensionReason: reasonAfter(act, row.suspensionReason),
    })
    expect((await deck.deck.get(id)).history[0]).toMatchObject({
      type: {
        confirm: 'rule.confirmed',
        suspend: 'rule.suspended',
        resume: 'rule.resumed',
        archive: 'rule.archived',
        restore: 'rule.restored',
      }[act],
      actor: WHO,
      from,
      to,
      because: 'because␛[2J',
    })
    if (act === 'confirm' || act === 'resume' || act === 'restore')
      expect(deck.record(id).rule).toMatchObject({
        failure_streak: 0,
        override_streak: 0,
        conflict_count: 0,
      })
  })

  it('of an unknown rule is refused', async () => {
    const deck = await open()
    for (const act of ['confirm', 'suspend', 'resume', 'archive', 'restore'] as const)
      await expect(deck.deck[act]('nobody', '', WHO)).rejects.toMatchObject({
        code: 'not.found',
        hint: expect.stringContaining('policy rules') as string,
      })
    await expect(deck.deck.get('nobody')).rejects.toMatchObject({ code: 'not.found' })
  })

  it('that confirms renews the expiry, but never shortens one that a person set', async () => {
    const deck = await open()
    await deck.approve()
    const { id } = await deck.only()
    await deck.days(20)
    expect(await deck.deck.confirm(id, '', WHO)).toMatchObject({
      expiresAt: deck.clock.now() + 30 * DAY,
    })
    await deck.deck.edit(id, { days: 90 }, WHO)
    const { expiresAt } = await deck.deck.suspend(id, '', WHO)
    expect(expiresAt).toBe(deck.clock.now() + 90 * DAY)
    expect(await deck.deck.confirm(id, '', WHO)).toMatchObject({ expiresAt })
    await deck.deck.suspend(id, '', WHO)
    await deck.approve()
    expect(deck.record(id).expiresAt).toBe(expiresAt)
  })

  it('makes no rule permanent, not even a hint without expiry', async () => {
    const deck = await open()
    const id = await deck.given({ id: 'r1', status: 'hint' }, { by: 'learner', expiresAt: null })
    expect(await deck.deck.confirm(id, '', WHO)).toMatchObject({
      status: 'confirmed',
      expiresAt: deck.clock.now() + 30 * DAY,
    })
  })

  it('does not confirm advice', async () => {
    const deck = await open()
    const id = await deck.given({ id: 'r1', status: 'hint', policy_decision: '' })
    await expect(deck.deck.confirm(id, '', WHO)).rejects.toMatchObject({
      code: 'not.possible',
      message: expect.stringContaining('advice') as string,
    })
    await deck.deck.archive(id, '', WHO)
    expect(await deck.deck.restore(id, '', WHO)).toMatchObject({ status: 'hint' })
  })

  it('does not confirm a rule that contradicts a confirmed one', async () => {
    const deck = await open()
    const guard = await deck.given({ id: 'guard', status: 'confirmed', policy_decision: ASK })
    const id = await deck.given({ id: 'r1' })
    expect((await deck.deck.get(id)).row).toMatchObject({ conflicts: [guard] })
    await expect(deck.deck.confirm(id, '', WHO)).rejects.toMatchObject({
      code: 'not.possible',
      hint: expect.stringContaining(guard) as string,
    })
    await deck.deck.suspend(guard, '', WHO)
    expect(await deck.deck.confirm(id, '', WHO)).toMatchObject({
      status: 'confirmed',
      conflicts: [],
    })
    expect((await deck.deck.status()).conflicts.map((one) => one.id)).toEqual([guard])
  })
})
