import { afterEach, describe, expect, it } from 'vitest'
import { tempFolder } from '../../../support/journal.ts'
import { put, smallDeck, text } from './deck.ts'
import { allowRule, logLine, outcomeAt, rulesText } from './policy-files.ts'

const cleanups: (() => void)[] = []
const onEnd = (act: () => void) => {
  cleanups.push(act)
}
afterEach(() => {
  for (const act of cleanups.splice(0).toReversed()) act()
})

const folderOf = (files: Record<string, string>) => put(tempFolder(onEnd), files)

describe('an imported rule', () => {
  it('that allows becomes a candidate that expires, without evidence; one that asks is unchanged', async () => {
    const deck = await smallDeck(onEnd, { now: () => 1_000_000, after: () => () => undefined })
    const log = [
      logLine({ type: 'rule_updated', payload: { rule_id: 'r' } }),
      outcomeAt(1),
      logLine({ type: 'rule_updated', payload: { rule_id: 'ask' } }),
      outcomeAt(2, { user_override: 'blocked_auto_execute' }),
    ].join('')
    const report = await deck.import(
      folderOf({
        'rules.json': rulesText(
          allowRule('r'),
          allowRule('ask', { policy_decision: 'require_confirmation' }),
          allowRule('off', { status: 'suspended' }),
          allowRule('new', { status: 'candidate' }),
        ),
        'policy_events.jsonl': log,
      }),
    )
    expect(report).toMatchObject({
      rules: { made: 4 },
      candidates: ['r'],
      events: 4,
      found: ['rules.json: 4 rules', 'policy_events.jsonl: 4 lines'],
    })
    expect(report.notes).toEqual([
      expect.stringContaining('1 confirmed allow rule became a candidate'),
    ])
    expect(deck.rules()).toMatchObject([
      {
        rule: { id: 'r', status: 'candidate' },
        expiresAt: 1_000_000 + 30 * 86_400_000,
        by: 'learner',
        outcomes: [],
      },
      {
        rule: { id: 'ask', status: 'confirmed' },
        expiresAt: null,
        by: 'import',
        outcomes: [{ override: 'blocked_auto_execute' }],
      },
      {
        rule: { id: 'off', status: 'suspended' },
        expiresAt: 1_000_000 + 30 * 86_400_000,
        by: 'learner',
      },
      { rule: { id: 'new', status: 'candidate' }, expiresAt: 1_000_000 + 30 * 86_400_000 },
    ])
    expect(new Set(deck.events().map(({ subject }) => subject))).toEqual(new Set(['']))
  })

  it('that is trusted brings its outcomes since its last suspension: those it learned from or that spoke against it', async () => {
    const deck = await smallDeck(onEnd)
    const log = [
      logLine({ type: 'rule_updated', payload: { rule_id: 'r' } }),
      outcomeAt(1),
      logLine({ type: 'rule_suspended', payload: { rule_id: 'r' } }),
      outcomeAt(2, { execution_result: 'failure' }),
      outcomeAt(3),
      outcomeAt(4, { user_override: 'blocked_auto_execute' }),
      logLine({ type: 'rule_updated', payload: { rule_id: 'r' } }),
      logLine({ type: 'rule_archived', payload: { rule_id: 'x' }, source: 'lifecycle' }),
      outcomeAt(5),
    ].join('')
    await deck.import({
      path: folderOf({ 'rules.json': rulesText(allowRule('r')), 'policy_events.jsonl': log }),
      trust: true,
    })
    expect(deck.rules()).toMatchObject([
      {
        rule: { status: 'confirmed' },
        expiresAt: null,
        outcomes: [
          { at: '2026-01-01T00:00:02+00:00', result: 'failure' },
          { at: '2026-01-01T00:00:04+00:00', override: 'blocked_auto_execute' },
          { at: '2026-01-01T00:00:05+00:00', confirmed: true, decision: 'require_confirmation' },
        ],
      },
    ])
  })

  it.each([['keyword:'], ['task_type:exec'], [' ']])(
    'that would allow everything is archived: %j',
    async (trigger) => {
      const deck = await smallDeck(onEnd)
      const report = await deck.import(
        folderOf({ 'rules.json': rulesText(allowRule('r', { trigger: [trigger] })) }),
      )
      expect(deck.rules()).toMatchObject([{ rule: { status: 'archived' } }])
      expect(report.notes.join()).toContain('1 rule that would allow everything')
    },
  )

  it('that contradicts a confirmed rule becomes a candidate, even if it is trusted', async () => {
    const deck = await smallDeck(onEnd)
    await deck.import({
      path: folderOf({
        'rules.json': rulesText(allowRule('r', { policy_decision: 'require_confirmation' })),
      }),
      trust: true,
    })
    const report = await deck.import({
      path: folderOf({ 'rules.json': rulesText({ ...allowRule('r'), id: 'other' }) }),
      trust: true,
    })
    expect(report).toMatchObject({
      candidates: ['other'],
      notes: [
        'other contradicts r, which is confirmed here: imported as a candidate',
        expect.any(String),
      ],
    })
    expect(deck.rules().map(({ rule: { status } }) => status)).toEqual(['confirmed', 'candidate'])
  })

  it('for an unknown agent is noted', async () => {
    const deck = await smallDeck(onEnd)
    const { notes } = await deck.import({
      path: folderOf({
        'rules.json': rulesText(
          allowRule('r', { scope: 'project', scope_key: '/home/me/\u001b[31m' }),
        ),
      }),
      trust: true,
    })
    expect(notes).toEqual([expect.stringContaining('1 rule for unknown agents')])
  })
})

describe('imported Markdown', () => {
  it('becomes advice, and replaces earlier advice of the same section', async () => {
    const deck = await smallDeck(onEnd)
    const folder = folderOf({
      'USER.md': '# USER\n\n## Notes\n\nBe kind\n',
      'SOUL.md': '# SOUL\n\n## Core Principles\n\n- Ask\n',
    })
    expect(await deck.import(folder)).toMatchObject({ rules: { made: 2 }, playbooks: 1, events: 3 })
    expect(await deck.import(folder)).toMatchObject({
      rules: { made: 0, changed: 0 },
      playbooks: 0,
      events: 0,
    })
    put(folder, { 'USER.md': '# USER\n\n## Notes\n\nBe kinder\n' })
    expect(await deck.import(folder)).toMatchObject({ rules: { made: 0, changed: 1 }, events: 1 })
    expect(deck.rules()).toMatchObject([
      {
        rule: {
          id: 'rule_project_constraints',
          strategy: 'Be kinder',
          status: 'hint',
          policy_decision: '',
        },
      },
      { rule: { id: 'rule_core_principles' } },
    ])
  })

  it('that an export wrote makes no second rule', async () => {
    const deck = await smallDeck(onEnd)
    const folder = folderOf({
      '.clawpolicy/policy/rules.json': rulesText(
        allowRule('r', { summary: 'Project constraints', strategy: '  Be kind\n\n' }),
        allowRule('rule_escalation', { strategy: ' padded\r\n' }),
      ),
    })
    await deck.import({ path: folder, trust: true })
    await deck.export(folder)
    expect(text(folder, '.clawpolicy/USER.md')).toContain('## Notes\n\nBe kind\n')
    const fresh = await smallDeck(onEnd)
    expect(await fresh.import({ path: folder, trust: true })).toMatchObject({ rules: { made: 2 } })
    expect(fresh.rules().map(({ rule: { strategy } }) => strategy)).toEqual([
      '  Be kind\n\n',
      ' padded\r\n',
    ])
  })

  it('of 10 MB is read, and refused if a section is too long', async () => {
    const deck = await smallDeck(onEnd)
    const long = folderOf({
      'USER.md': `# USER\n\n## Notes\n\nBe kind\n\n${'## Other ##\n## \n###  ###\n\n'.repeat(400_000)}`,
    })
    expect(await deck.import(long)).toMatchObject({ rules: { made: 1 } })
    const section = folderOf({
      'USER.md': `# USER\n\n## Notes\n\n${'- be kind\n'.repeat(1_000_000)}`,
    })
    await expect(deck.import(section)).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringContaining('USER.md line 4: section "Notes"') as string,
    })
  })
})
