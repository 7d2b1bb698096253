import { afterEach, describe, expect, it } from 'vitest'
import type { Draft } from '../../../../src/journal/types.ts'
import { newRule } from '../../../../src/clawpolicy/files/records.ts'
import type { Rule } from '../../../../src/clawpolicy/types.ts'
import { toStored } from '../../../../src/domain/rules/stored.ts'
import { sanitized } from '../../../../src/domain/rules/files/sanitize.ts'
import { question } from '../../policy/question.ts'
import { ManualClock } from '../../../support/clock.ts'
import { tempFolder } from '../../../support/journal.ts'
import { DAY, endings, openRuleDeck, WHO, type Options, type RuleDeck } from '../rule-deck.ts'

const ends = endings()

afterEach(ends.run)

const open = (options?: Options) => openRuleDeck(ends.add, options)

type Asked = Parameters<typeof question>[0]

const ask = (deck: RuleDeck, over: Asked, agent = 'a1') => deck.guard.ask(agent, question(over))

async function yes(deck: RuleDeck, over: Asked): Promise<string> {
  const asked = await ask(deck, over)
  expect(asked).toMatchObject({ pending: true })
  await deck.approvals.allow(asked.id, {}, WHO)
  deck.clock.advance(1000)
  return asked.id
}

/** Many rules as a file might bring them. */
async function crowd(
  deck: RuleDeck,
  many: number,
  of: (i: number) => Partial<Rule>,
): Promise<void> {
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

describe('a rule of a file that is not trusted', () => {
  it.each(['candidate', 'suspended', 'confirmed', 'hint'] as const)(
    'that is %s there and about more than one action is confirmed by a person, not by approvals of something smaller',
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
      expect(deck.record('r').rule.status).not.toBe('confirmed')
      expect(deck.record('r').expiresAt).not.toBeNull()
    },
  )
})

describe('too many matching rules', () => {
  it('decide nothing, and a decision is not journalled for each of them', async () => {
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

  it('that contradict as many others are reported by the first of them', async () => {
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
  it('is journalled though another one of the same commit could not be', async () => {
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

  it('is counted once, however its id is spelled', async () => {
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
  it('extends no learned rule, also after a restart', async () => {
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
