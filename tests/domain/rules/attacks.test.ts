import { afterEach, describe, expect, it } from 'vitest'
import type { Draft } from '../../../src/journal/types.ts'
import { newRule } from '../../../src/clawpolicy/files/records.ts'
import type { Rule } from '../../../src/clawpolicy/types.ts'
import { toStored } from '../../../src/domain/rules/stored.ts'
import { sanitized } from '../../../src/domain/rules/files/sanitize.ts'
import { question } from '../policy/question.ts'
import { ManualClock } from '../../support/clock.ts'
import { tempFolder } from '../../support/journal.ts'
import { DAY, endings, room, WHO, type Options, type Room } from './room.ts'

const ends = endings()
afterEach(ends.run)
const open = (options?: Options) => room(ends.add, options)
type Asked = Parameters<typeof question>[0]
const ask = (deck: Room, over: Asked, agent = 'a1') => deck.guard.ask(agent, question(over))

async function yes(deck: Room, over: Asked): Promise<string> {
  const asked = await ask(deck, over)
  expect(asked).toMatchObject({ pending: true })
  await deck.approvals.allow(asked.id, {}, WHO)
  deck.clock.advance(1000)
  return asked.id
}

/** Many rules as a file might bring them. */
async function crowd(deck: Room, many: number, of: (i: number) => Partial<Rule>): Promise<void> {
  await deck.append(
    ...Array.from({ length: many }, (_, i): Draft => {
      const rule = newRule({
        id: `r${i}`,
        summary: 'one of many',
        trigger: ['keyword:make'],
        scope: 'project',
        scope_key: 'a1',
        policy_decision: 'auto_execute',
        status: 'candidate',
        validation: ['v'],
        source_type: 'explicit_preference',
        risk_level: 'medium',
        ...of(i),
      })
      return {
        type: 'rule.imported',
        actor: WHO,
        subject: '',
        body: {
          stored: toStored(rule, { expiresAt: null, by: WHO }),
          from: null,
          because: 'import',
          of: '',
          outcome: null,
        },
      }
    }),
  )
}

const wide = (deck: Room, approval: string, width: 'kind' | 'family') =>
  deck.deck.propose({ approval, width, decision: 'allow', scope: 'project', days: 7 }, WHO)

describe('a wide rule', () => {
  it('does not reach higher because of one yes to something of higher risk', async () => {
    const deck = await open()
    await wide(deck, await yes(deck, { target: 'git add x' }), 'family')
    await yes(deck, { target: 'git push origin topic' })
    expect(await ask(deck, { target: 'git push origin main' })).toMatchObject({ pending: true })
    expect(await ask(deck, { target: 'git add y' })).toMatchObject({ decision: 'allow' })
  })

  it('does not reach higher because an agent called something harmless risky', async () => {
    const deck = await open()
    await wide(deck, await yes(deck, { target: 'git add x' }), 'family')
    await yes(deck, { target: 'git add x', risk: 60 })
    expect(await ask(deck, { target: 'git push origin main' })).toMatchObject({ pending: true })
  })

  it('does not come before a later one that asks because of a yes to something else that it meets', async () => {
    const deck = await open()
    await wide(deck, await yes(deck, { target: 'git push origin a' }), 'family')
    const asked = await ask(deck, { target: 'git push origin b', risk: 90 })
    deck.clock.advance(1000)
    await deck.deck.propose(
      { approval: asked.id, width: 'kind', decision: 'ask', scope: 'project', days: 7 },
      WHO,
    )
    expect(await ask(deck, { target: 'git push origin main' })).toMatchObject({ pending: true })
    deck.clock.advance(1000)
    await yes(deck, { target: 'git add x', risk: 90 })
    expect(await ask(deck, { target: 'git push origin main' })).toMatchObject({ pending: true })
  })

  it('about requests of one method is not met by another that is said beside the address', async () => {
    const deck = await open()
    await wide(deck, await yes(deck, { type: 'net', target: 'https://api.test/a' }), 'kind')
    expect(await ask(deck, { type: 'net', target: 'https://api.test/b' })).toMatchObject({
      decision: 'allow',
    })
    expect(
      await ask(deck, { type: 'net', target: 'https://api.test/b', extra: { method: 'get' } }),
    ).toMatchObject({ decision: 'allow' })
    expect(
      await ask(deck, { type: 'net', target: 'https://api.test/b', extra: { method: 'delete' } }),
    ).toMatchObject({ pending: true, risk: { score: 45 } })
    for (const method of ['POST', '', 7, 'GET x'])
      await expect(
        ask(deck, { type: 'net', target: 'GET https://api.test/b', extra: { method } }),
      ).rejects.toMatchObject({ code: 'input.invalid' })
  })

  it('about files in a folder is not about the folder, nor about the one above', async () => {
    const deck = await open()
    await wide(
      deck,
      await yes(deck, { type: 'file', target: 'delete /project/src/old.ts' }),
      'kind',
    )
    expect(await ask(deck, { type: 'file', target: 'delete /project/src/other.ts' })).toMatchObject(
      { decision: 'allow' },
    )
    for (const target of [
      'delete /project/src/..',
      'delete /project/src/../',
      'delete /project/src/',
      'delete /project/src/.',
      'delete /project/src/../src/x/..',
      'delete /project/src/a/../..',
    ])
      expect
        .soft(await ask(deck, { type: 'file', target }), target)
        .toMatchObject({ pending: true })
    expect
      .soft(await ask(deck, { type: 'file', target: 'delete ..', cwd: '/project/src' }))
      .toMatchObject({ pending: true })
  })
})

describe('what was learned of one thing', () => {
  it.each<[string, Asked, Asked]>([
    [
      'a tool with other arguments',
      { type: 'tool', target: 'send', extra: { to: 'me' } },
      { type: 'tool', target: 'send', extra: { to: 'everybody' } },
    ],
    [
      'a tool with arguments',
      { type: 'tool', target: 'send' },
      { type: 'tool', target: 'send', extra: { to: 'everybody' } },
    ],
    [
      'a request with another body',
      { type: 'net', target: 'POST https://api.test/pay', extra: { body: 'amount=1' } },
      { type: 'net', target: 'POST https://api.test/pay', extra: { body: 'amount=10000' } },
    ],
    [
      'another amount',
      { type: 'spend', target: 'card', extra: { amount: 1 } },
      { type: 'spend', target: 'card', extra: { amount: 1000 } },
    ],
    ['other trailing white space', { target: 'make x' }, { target: 'make x\u00a0' }],
    ['other letters', { target: 'make x' }, { target: 'make \u0445' }],
    ['another case', { target: 'make x' }, { target: 'make X' }],
    ['a line more', { target: 'make x' }, { target: 'make x\nmake y' }],
    [
      'one word instead of two',
      { target: 'make x', argv: ['make', 'x'] },
      { target: 'make x', argv: ['make x'] },
    ],
    ['a variable', { target: 'make x' }, { target: 'A=1 make x' }],
    ['a tool of the name', { target: 'make x' }, { type: 'make', target: 'x' }],
    [
      'another host',
      { type: 'net', target: 'https://a.test/x' },
      { type: 'net', target: 'https://a.test@b.test/x' },
    ],
    [
      'another method',
      { type: 'net', target: 'GET https://a.test/x' },
      { type: 'net', target: 'DELETE https://a.test/x' },
    ],
    [
      'another folder',
      { type: 'file', target: 'write x', cwd: '/a' },
      { type: 'file', target: 'write x', cwd: '/b' },
    ],
  ])('is not for %s', async (_, taught, used) => {
    const deck = await open()
    for (let i = 0; i < 3; i++) await yes(deck, taught)
    expect(await ask(deck, taught)).toMatchObject({ decision: 'allow' })
    expect(await ask(deck, used)).toMatchObject({ pending: true })
  })

  it('takes three answers, not one answer to three of the same that waited together', async () => {
    const deck = await open()
    const waiting = await Promise.all(
      Array.from({ length: 4 }, () => ask(deck, { target: 'make x' })),
    )
    for (const { id } of waiting) {
      await deck.approvals.allow(id, {}, WHO)
      deck.clock.advance(1)
    }
    expect(await deck.only()).toMatchObject({ status: 'candidate' })
  })
})

describe('a rule of a file that is not trusted', () => {
  it.each(['candidate', 'suspended', 'confirmed', 'hint'] as const)(
    'that is %s there and about more than one thing is confirmed by a person, not by yeses to something smaller',
    async (status) => {
      const deck = await open()
      const rule = newRule({
        id: 'r',
        summary: 'every git',
        trigger: ['runs:git'],
        scope: 'project',
        scope_key: 'a1',
        policy_decision: 'auto_execute',
        status,
        validation: ['v'],
        source_type: 'explicit_preference',
        risk_level: 'high',
      })
      await deck.append({
        type: 'rule.imported',
        actor: WHO,
        subject: '',
        body: {
          stored: sanitized(toStored(rule, { expiresAt: null, by: WHO }), deck.clock.now()),
          from: null,
          because: 'import',
          of: '',
          outcome: null,
        },
      })
      for (let i = 0; i < 5; i++) {
        const { pending, id } = await ask(deck, { target: 'git status' })
        if (pending) await deck.approvals.allow(id, {}, WHO)
        deck.clock.advance(1000)
      }
      expect(await ask(deck, { target: 'git push origin main' })).toMatchObject({ pending: true })
      expect(deck.kept('r').rule.status).not.toBe('confirmed')
      expect(deck.kept('r').expiresAt).not.toBeNull()
    },
  )
})

it('a rule of a file has no negative counters', () => {
  const rule = newRule({
    id: 'r',
    trigger: ['command:make'],
    policy_decision: 'auto_execute',
    status: 'candidate',
    failure_streak: -1e6,
    conflict_count: -1,
    override_streak: 2,
  })
  expect(sanitized(toStored(rule, { expiresAt: null, by: WHO }), 0).rule).toMatchObject({
    failure_streak: 0,
    conflict_count: 0,
    override_streak: 2,
  })
})

describe('a crowd of rules', () => {
  it('about one question decides nothing, and a word about it is not written down for each of them', async () => {
    const deck = await open()
    await crowd(deck, 300, (i) =>
      i === 0 ? { status: 'confirmed', trigger: ['command:make x'] } : {},
    )
    const before = deck.journal.head().seq
    const asked = await ask(deck, { target: 'make x' })
    expect(asked).toMatchObject({
      pending: true,
      reasons: [{ layer: 'rule', text: expect.stringContaining('300 rules') as string }],
    })
    await deck.approvals.allow(asked.id, {}, WHO)
    expect(deck.journal.head().seq - before).toBe(2)
  })

  it('that contradicts another crowd is told of by its first', async () => {
    const deck = await open()
    await crowd(deck, 100, (i) => ({
      status: 'confirmed',
      policy_decision: i < 50 ? 'auto_execute' : 'require_confirmation',
    }))
    const { conflicts } = await deck.deck.status()
    expect(conflicts).toHaveLength(100)
    expect(new Set(conflicts.map((row) => row.conflicts.length))).toEqual(new Set([20]))
    expect(conflicts.every((row) => !row.conflicts.includes(row.id))).toBe(true)
  })
})

describe('an outcome', () => {
  it('is written down though a neighbour in the same commit could not be', async () => {
    const deck = await open()
    for (let i = 0; i < 3; i++) await yes(deck, { target: 'make x' })
    const ran = await ask(deck, { target: 'make x' })
    const bad = {
      type: 'rule.imported',
      actor: WHO,
      subject: '',
      body: { stored: null },
    } as unknown as Draft
    const told = deck.guard.report('a1', ran.id, { result: 'failure', exitCode: 1, note: '' })
    // The report is queued first, and both before the commit.
    for (let i = 0; i < 5; i++) await Promise.resolve()
    await expect(deck.append(bad)).rejects.toThrow()
    await told
    expect(deck.events().filter(({ type }) => type === 'action.reported')).toHaveLength(1)
    expect(await deck.only()).toMatchObject({ failures: 1 })
  })

  it('is told once, however its id is spelled', async () => {
    const deck = await open()
    for (let i = 0; i < 3; i++) await yes(deck, { target: 'make x' })
    const { id } = await ask(deck, { target: 'make x' })
    await deck.guard.report('a1', id, { result: 'failure', exitCode: 1, note: '' })
    for (const other of [id.replace('_', '_0'), id.replace('_', '_000')])
      await expect(
        deck.guard.report('a1', other, { result: 'success', exitCode: 0, note: '' }),
      ).rejects.toMatchObject({ code: 'approval.unknown' })
    expect(await deck.only()).toMatchObject({ failures: 1 })
  })
})

describe('a clock that is set back', () => {
  it('lets no learned rule live longer, also after a restart', async () => {
    const clock = new ManualClock()
    const folder = tempFolder(ends.add)
    const deck = await open({ clock, folder })
    for (let i = 0; i < 3; i++) await yes(deck, { target: 'make x' })
    expect(await ask(deck, { target: 'make x' })).toMatchObject({ decision: 'allow' })
    deck.close()
    clock.jump(-100 * DAY)
    const later = await open({ clock, folder })
    expect(await ask(later, { target: 'make x' })).toMatchObject({ pending: true })
  })
})
