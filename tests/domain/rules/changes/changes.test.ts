import { afterEach, describe, expect, it } from 'vitest'
import { ruleCan } from '../../../../src/domain/rules/rules.ts'
import { findFace } from '../../../../src/commands/registry.ts'
import { ASK } from '../../../../src/clawpolicy/types.ts'
import { DAY, endings, room, RUN, WHO, type Options } from '../room.ts'

const ends = endings()
afterEach(ends.run)
const open = (options?: Options) => room(ends.add, options)

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

const EVERY = Object.entries(TABLE).flatMap(([from, acts]) =>
  Object.entries(acts).map(([act, to]) => [act, from, to] as const),
) as (readonly [keyof typeof TABLE.hint, keyof typeof TABLE, 'candidate' | undefined])[]

describe('an act of an operator', () => {
  it.each(EVERY)('%s, where a rule is %s, leads to %s', async (act, from, to) => {
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
      suspensionReason:
        (to as string) === 'suspended' ? 'operator' : act === 'archive' ? row.suspensionReason : '',
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
      expect(deck.kept(id).rule).toMatchObject({
        failure_streak: 0,
        override_streak: 0,
        conflict_count: 0,
      })
  })

  it('on a rule that nobody knows says so', async () => {
    const deck = await open()
    for (const act of ['confirm', 'suspend', 'resume', 'archive', 'restore'] as const)
      await expect(deck.deck[act]('nobody', '', WHO)).rejects.toMatchObject({
        code: 'not.found',
        hint: expect.stringContaining('policy rules') as string,
      })
    await expect(deck.deck.get('nobody')).rejects.toMatchObject({ code: 'not.found' })
  })

  it('is a word for what it confirms, which lasts from then on; but nothing that a person has set is cut short', async () => {
    const deck = await open()
    await deck.yes()
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
    await deck.yes()
    expect(deck.kept(id).expiresAt).toBe(expiresAt)
  })

  it('makes nothing permanent: not even a hint that was there until somebody ended it', async () => {
    const deck = await open()
    const id = await deck.given({ id: 'r1', status: 'hint' }, { by: 'learner', expiresAt: null })
    expect(await deck.deck.confirm(id, '', WHO)).toMatchObject({
      status: 'confirmed',
      expiresAt: deck.clock.now() + 30 * DAY,
    })
  })

  it('confirms no advice', async () => {
    const deck = await open()
    const id = await deck.given({ id: 'r1', status: 'hint', policy_decision: '' })
    await expect(deck.deck.confirm(id, '', WHO)).rejects.toMatchObject({
      code: 'not.possible',
      message: expect.stringContaining('advice') as string,
    })
    await deck.deck.archive(id, '', WHO)
    expect(await deck.deck.restore(id, '', WHO)).toMatchObject({ status: 'hint' })
  })

  it('confirms nothing against what is confirmed', async () => {
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

describe('an edit', () => {
  it('of what it is called, or how long it holds, leaves it confirmed', async () => {
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
    expect(deck.kept(id).rule.status).toBe('archived')
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

  it('of a candidate takes what it has earned as well', async () => {
    const deck = await open()
    await deck.yes()
    await deck.yes()
    const { id } = await deck.only()
    await deck.deck.edit(id, { trigger: ['task_type:exec', 'runs:npm'] }, WHO)
    await deck.yes('npm run other')
    expect(deck.kept(id).rule.status).toBe('candidate')
  })

  it('that says what is so already changes nothing but is refused', async () => {
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

  it('to an agent that is not there is refused: who comes by that name is somebody else', async () => {
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

  it('of what is archived has to wait until it is restored', async () => {
    const deck = await open()
    const id = await deck.given({ id: 'r1', status: 'archived' })
    expect(ruleCan.edit((await deck.deck.get(id)).row)).toContain('restore')
    await expect(deck.deck.edit(id, { summary: 'x' }, WHO)).rejects.toMatchObject({
      code: 'not.possible',
    })
  })
})

describe('a merge', () => {
  it('gives the first the evidence of all, and archives the others, at once', async () => {
    const deck = await open()
    const [a, b, c] = [
      await deck.given({ id: 'a', evidence_count: 2 }),
      await deck.given({ id: 'b', evidence_count: 3, trigger: ['command:npm run b'] }),
      await deck.given({ id: 'c', evidence_count: 4 }),
    ]
    const before = deck.journal.head().seq
    expect(await deck.deck.merge([a, b, c], WHO)).toMatchObject({ id: a, status: 'candidate' })
    expect(deck.kept(a).rule.evidence_count).toBe(9)
    expect([b, c].map((id) => deck.kept(id).rule.status)).toEqual(['archived', 'archived'])
    expect((await deck.deck.get(b)).history[0]).toMatchObject({
      type: 'rule.archived',
      because: 'merged into a',
    })
    expect(deck.journal.head().seq).toBe(before + 3)
  })

  it('of rules that do not agree, or of one, is refused and changes nothing', async () => {
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

describe('what is told of rules', () => {
  it('comes by need, by words, by state and by agent', async () => {
    const deck = await open({ agents: { a1: 'coder', a2: 'devops' } })
    await deck.given({ id: 'mine', status: 'confirmed' })
    await deck.given({ id: 'theirs', scope_key: 'a2' })
    await deck.given({ id: 'ops', scope: 'domain', scope_key: 'ops', status: 'suspended' })
    await deck.given({ id: 'all', scope: 'global', scope_key: '', summary: 'Release the kraken' })
    const ids = async (filter: object) =>
      (await deck.deck.list({ limit: 10, ...filter })).map(({ id }) => id)
    expect(await ids({})).toEqual(['ops', 'all', 'theirs', 'mine'])
    expect(await ids({ agent: 'a1' })).toEqual(['all', 'mine'])
    expect(await ids({ agent: 'a2' })).toEqual(['ops', 'all', 'theirs'])
    expect(await ids({ status: 'confirmed' })).toEqual(['mine'])
    expect(await ids({ text: 'kraken release' })).toEqual(['all'])
    expect(await ids({ limit: 1 })).toEqual(['ops'])
    await expect(ids({ agent: 'nobody' })).rejects.toMatchObject({ code: 'agent.unknown' })
  })

  it('says where they stand: states, moves, what is risky, what holds somewhere only', async () => {
    const deck = await open()
    const id = await deck.learned()
    await deck.given({
      id: 'risky',
      status: 'confirmed',
      scope: 'global',
      scope_key: '',
      risk_level: 'high',
    })
    await deck.deck.suspend(id, 'no more', WHO)
    const status = await deck.deck.status()
    expect(status.counts).toEqual({
      hint: 0,
      candidate: 0,
      confirmed: 1,
      suspended: 1,
      archived: 0,
    })
    expect(status.promotions.map(({ rule }) => rule)).toEqual(['risky', id])
    expect(status.suspensions).toMatchObject([
      { rule: id, from: 'confirmed', to: 'suspended', because: 'no more' },
    ])
    expect(status.risky.map((one) => one.id)).toEqual(['risky'])
    expect(status.scopes.map((one) => one.id)).toEqual([id])
    expect((await deck.deck.recent(10)).map(({ to }) => to)).toEqual([
      'suspended',
      'confirmed',
      'confirmed',
    ])
    expect(await deck.deck.recent(1)).toHaveLength(1)
  })
})
