import { afterEach, describe, expect, it } from 'vitest'
import { writeEvent } from '../../../../src/clawpolicy/files/write.ts'
import { writePlaybooks } from '../../../../src/clawpolicy/files/write.ts'
import { writeRules } from '../../../../src/clawpolicy/files/write.ts'
import { jsonObject, type Json } from '../../../../src/clawpolicy/files/json.ts'
import { newEvent, newPlaybook, newRule } from '../../../../src/clawpolicy/files/records.ts'
import type { Rule } from '../../../../src/clawpolicy/types.ts'
import { tempFolder } from '../../../support/journal.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import { yielder } from '../../../../src/base/yield.ts'
import { put, smallDeck, text } from './deck.ts'

const cleanups: (() => void)[] = []
const onEnd = (act: () => void) => {
  cleanups.push(act)
}
afterEach(() => {
  for (const act of cleanups.splice(0).toReversed()) act()
})

const rule = (id: string, more: Partial<Rule> = {}) =>
  newRule({
    id,
    summary: 's',
    trigger: ['task_type:exec', `command:make ${id}`],
    status: 'confirmed',
    policy_decision: 'auto_execute',
    validation: ['v'],
    evidence_count: 3,
    source_type: 'explicit_preference',
    ...more,
  })
const rulesText = (...rules: Rule[]) => writeRules(new Map(rules.map((one) => [one.id, one])))
const folderOf = (files: Record<string, string>) => put(tempFolder(onEnd), files)
const line = (
  event_type: string,
  payload: Record<string, Json>,
  source_node_id = 'explicit_correction',
  at = 0,
) =>
  writeEvent(
    newEvent({
      timestamp: `2026-01-01T00:00:0${at}+00:00`,
      event_type,
      source_node_id,
      payload: jsonObject(payload),
    }),
  )
const outcome = (at: number, more: Record<string, Json> = {}) =>
  line(
    'decision_outcome',
    {
      decision_id: `d${at}`,
      final_decision: 'require_confirmation',
      user_override: 'confirmed_after_prompt',
      execution_result: 'success',
      was_confirmed: true,
      rule_ids: ['r'],
      matched_rule_ids: ['r'],
      ...more,
    },
    'confirmation_policy',
    at,
  )

describe('what comes in', () => {
  it('is a candidate where it allowed, ends some day, and brings no evidence; what asks stays as it is', async () => {
    const deck = await smallDeck(onEnd, { now: () => 1_000_000, after: () => () => undefined })
    const log = [
      line('rule_updated', { rule_id: 'r' }),
      outcome(1),
      line('rule_updated', { rule_id: 'ask' }),
      outcome(2, { user_override: 'blocked_auto_execute' }),
    ].join('')
    const report = await deck.import(
      folderOf({
        'rules.json': rulesText(
          rule('r'),
          rule('ask', { policy_decision: 'require_confirmation' }),
          rule('off', { status: 'suspended' }),
          rule('new', { status: 'candidate' }),
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
      expect.stringContaining('1 confirmed rule that allows came in as a candidate'),
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

  it('brings, where it is trusted, what its gates look back on: since its last suspension, what it learned from and what spoke against it', async () => {
    const deck = await smallDeck(onEnd)
    const log = [
      line('rule_updated', { rule_id: 'r' }),
      outcome(1),
      line('rule_suspended', { rule_id: 'r' }),
      outcome(2, { execution_result: 'failure' }),
      outcome(3),
      outcome(4, { user_override: 'blocked_auto_execute' }),
      line('rule_updated', { rule_id: 'r' }),
      line('rule_archived', { rule_id: 'x' }, 'lifecycle'),
      outcome(5),
    ].join('')
    await deck.import({
      path: folderOf({ 'rules.json': rulesText(rule('r')), 'policy_events.jsonl': log }),
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
    'is put away where it would allow whatever is asked: %j',
    async (trigger) => {
      const deck = await smallDeck(onEnd)
      const report = await deck.import(
        folderOf({ 'rules.json': rulesText(rule('r', { trigger: [trigger] })) }),
      )
      expect(deck.rules()).toMatchObject([{ rule: { status: 'archived' } }])
      expect(report.notes.join()).toContain('1 rule that would allow whatever is asked')
    },
  )

  it('does not come in confirmed, though trusted, against what is confirmed here', async () => {
    const deck = await smallDeck(onEnd)
    await deck.import({
      path: folderOf({
        'rules.json': rulesText(rule('r', { policy_decision: 'require_confirmation' })),
      }),
      trust: true,
    })
    const report = await deck.import({
      path: folderOf({ 'rules.json': rulesText({ ...rule('r'), id: 'other' }) }),
      trust: true,
    })
    expect(report).toMatchObject({
      candidates: ['other'],
      notes: [
        'other says the opposite of r, confirmed here: it comes in as a candidate',
        expect.any(String),
      ],
    })
    expect(deck.rules().map(({ rule: { status } }) => status)).toEqual(['confirmed', 'candidate'])
  })

  it('says which rules hold for nobody here', async () => {
    const deck = await smallDeck(onEnd)
    const { notes } = await deck.import({
      path: folderOf({
        'rules.json': rulesText(rule('r', { scope: 'project', scope_key: '/home/me/\u001b[31m' })),
      }),
      trust: true,
    })
    expect(notes).toEqual([expect.stringContaining('1 rule for projects that are no agents here')])
  })
})

describe('where it lies', () => {
  const rules = rulesText(rule('r'))
  it.each<[string, Record<string, string>, string[]]>([
    [
      'a project',
      {
        '.clawpolicy/policy/rules.json': rules,
        '.clawpolicy/USER.md': '# USER\n\n## Notes\n\nBe kind\n',
        'AGENTS.md': '# of the project\n',
      },
      ['rules.json: 1 rule', 'USER.md: 26 characters'],
    ],
    [
      '.clawpolicy',
      { 'policy/rules.json': rules, 'policy/playbooks.json': '{}' },
      ['rules.json: 1 rule', 'playbooks.json: 0 playbooks'],
    ],
    ['the folder before', { '.openclaw_memory/policy/rules.json': rules }, ['rules.json: 1 rule']],
    [
      'the first files',
      {
        'gep/genes.json': '{"g": {"id": "g", "type": "Gene", "summary": "s"}}',
        'gep/capsules.json': '{"c": {"id": "c", "genes_used": ["g"]}}',
        'gep/events.jsonl': '{"timestamp": "1", "event_type": "e", "asset_id": ""}\n',
      },
      ['genes.json: 1 rule', 'capsules.json: 1 playbook', 'events.jsonl: 1 line'],
    ],
    [
      'Markdown alone',
      { '.clawpolicy/SOUL.md': '# SOUL\n\n## Core Principles\n\n- Ask\n' },
      ['SOUL.md: 34 characters'],
    ],
  ])('%s is found', async (_, files, found) => {
    expect(await (await smallDeck(onEnd)).import(folderOf(files))).toMatchObject({ found })
  })

  it.each<[string, string, string]>([
    ['rules.json', rules, 'rules.json: 1 rule'],
    ['copy.json', rules, 'copy.json: 1 rule'],
    [
      'book.json',
      writePlaybooks(new Map([['p', newPlaybook({ id: 'p' })]])),
      'book.json: 1 playbook',
    ],
    ['log.jsonl', outcome(1), 'log.jsonl: 1 line'],
    ['USER.md', '## Notes\n\nx\n', 'USER.md: 12 characters'],
    ['mine.md', '# AGENTS\n\n## Escalation\n\nx\n', 'AGENTS.md: 27 characters'],
  ])('one file %s is known for what it is', async (name, content, found) => {
    expect(
      await (await smallDeck(onEnd)).import(`${folderOf({ [name]: content })}/${name}`),
    ).toMatchObject({ found: [found] })
  })

  it('the nearest is taken, and what was not read is said', async () => {
    const folder = folderOf({
      '.clawpolicy/policy/rules.json': rules,
      '.openclaw_memory/policy/rules.json': '{',
    })
    expect((await (await smallDeck(onEnd)).import(folder)).notes).toContain(
      `${folder}/.openclaw_memory/policy holds files as well, which were not read`,
    )
  })

  it.each([
    ['nothing', 'not.found'],
    ['', 'not.found'],
    ['notes.txt', 'input.invalid'],
    ['readme.md', 'input.invalid'],
  ])('%j is none of them', async (name, code) => {
    const folder = folderOf({ 'notes.txt': 'x', 'readme.md': '# Hello' })
    await expect((await smallDeck(onEnd)).import(`${folder}/${name}`)).rejects.toMatchObject({
      code,
    })
  })
})

describe('a file that is wrong', () => {
  it.each<[string, string, string]>([
    [
      'rules.json',
      '{\n  "r": {"id": "r", "status": "sure"}\n}',
      'rules.json line 2 column 3: r.status: it should be one of',
    ],
    [
      'rules.json',
      '{"r": {"id": "r"},\n "r": {"id": "r"}}',
      'rules.json line 2 column 2: "r" stands there a second time',
    ],
    [
      'rules.json',
      '{"r": {"id": "r", "status": "hint",\n"status": "confirmed"}}',
      'rules.json line 2 column 1: "status" stands there a second time',
    ],
    [
      'rules.json',
      '{"a": {"id": "r"}, "b": {"id": "r"}}',
      "rules.json line 1 column 20: b: the id r is another's already",
    ],
    [
      'rules.json',
      '{"a": {"id": "r\\u001b[2J"}}',
      'its id should have 1 to 64 characters that can be seen',
    ],
    ['rules.json', '{"a": {"id": "a", "summary": "\\ud800"}}', 'half a character'],
    ['rules.json', '{"a": {"id": "a"}', 'rules.json: expected a comma or }, line 1 column 18'],
    [
      'rules.json',
      '{"a": {"id": "a", "clawdeck": {"by": "x"}}}',
      'rules.json line 1 column 2: a.clawdeck: it should say expires_at',
    ],
    ['genes.json', '{"g": 7}', 'genes.json line 1 column 2: g: it is no object'],
    [
      'playbooks.json',
      '{"p": {"id": "p", "rules_used": 3}}',
      'playbooks.json line 1 column 2: p.rules_used: it should be a list of texts',
    ],
    [
      'rules.json',
      `{"a": {"id": "a", "strategy": "${'x'.repeat(300_000)}"}}`,
      'at most 262144 are taken',
    ],
    [
      'rules.json',
      `{"a": {"id": "a", "strategy": "${'\\n'.repeat(4_000_000)}\\\\"}}`,
      'at most 262144 are taken',
    ],
    [
      'rules.json',
      `{${Array.from({ length: 50_001 }, (_, i) => `"${i}":{"id":"${i}"}`).join()}}`,
      'rules.json holds 50001 records; at most 50000 are taken',
    ],
    [
      'policy_events.jsonl',
      `\n${'x'.repeat(300_000)}`,
      'policy_events.jsonl line 2 has 300000 characters',
    ],
  ])('%s %.50s is refused with its place, and nothing is taken', async (name, content, message) => {
    const deck = await smallDeck(onEnd)
    const good =
      name === 'rules.json' || name === 'genes.json' ? {} : { 'rules.json': rulesText(rule('r')) }
    await expect(deck.import(folderOf({ ...good, [name]: content }))).rejects.toMatchObject({
      code: 'policies.invalid',
      message: expect.stringContaining(message) as string,
      hint: expect.any(String) as string,
    })
    expect(deck.events()).toEqual([])
  })

  it('lines that are no events are kept and said', async () => {
    const deck = await smallDeck(onEnd)
    const report = await deck.import(
      folderOf({
        'policy_events.jsonl': 'half\n\n{"timestamp": "1", "event_type": "e", "asset_id": ""}',
      }),
    )
    expect(report).toMatchObject({
      events: 3,
      notes: [
        expect.stringContaining(
          'policy_events.jsonl line 1 is no event, and is kept as it is',
        ) as string,
      ],
    })
    const out = tempFolder(onEnd)
    await deck.export(out)
    expect(text(out, 'policy_events.jsonl')).toBe(
      'half\n\n{"timestamp": "1", "event_type": "e", "asset_id": ""}\n',
    )
  })
})

describe('what is here already', () => {
  it('is the same, or a reason to take nothing, or replaced, or kept', async () => {
    const deck = await smallDeck(onEnd)
    const ours = folderOf({
      'rules.json': rulesText(rule('r')),
      'playbooks.json': writePlaybooks(new Map([['p', newPlaybook({ id: 'p' })]])),
    })
    await deck.import(ours)
    const events = deck.events().length
    expect(await deck.import(ours)).toMatchObject({
      rules: { made: 0, same: 1 },
      playbooks: 0,
      events: 0,
    })
    expect(deck.events()).toHaveLength(events)

    const theirs = folderOf({
      'rules.json': rulesText(rule('r', { summary: 'other' }), rule('fresh')),
      'playbooks.json': writePlaybooks(
        new Map([['p', newPlaybook({ id: 'p', summary: 'other' })]]),
      ),
    })
    await expect(deck.import(theirs)).rejects.toMatchObject({
      code: 'not.possible',
      message: '2 rules or playbooks of that name are here and differ: r (summary); p (summary)',
      hint: expect.stringContaining('--replace') as string,
    })
    await expect(deck.import({ path: theirs, keep: true, replace: true })).rejects.toMatchObject({
      code: 'input.invalid',
    })
    expect(await deck.import({ path: theirs, dryRun: true })).toMatchObject({
      dryRun: true,
      rules: { made: 1, same: 0 },
      conflicts: [
        { id: 'r', differs: ['summary'] },
        { id: 'p', differs: ['summary'] },
      ],
    })
    expect(deck.events()).toHaveLength(events)

    expect(await deck.import({ path: theirs, keep: true })).toMatchObject({
      rules: { made: 1, kept: 2 },
    })
    expect(deck.rules().map(({ rule: { id, summary } }) => [id, summary])).toEqual([
      ['r', 's'],
      ['fresh', 's'],
    ])
    expect(await deck.import({ path: theirs, replace: true })).toMatchObject({
      rules: { changed: 1, same: 1 },
      playbooks: 1,
    })
    expect(deck.rules().map(({ rule: { id, summary } }) => [id, summary])).toEqual([
      ['r', 'other'],
      ['fresh', 's'],
    ])
  })

  it('of two who bring the same at once, one brings it; of two who bring different things, one is told', async () => {
    const deck = await smallDeck(onEnd)
    const many = (summary: string) =>
      folderOf({
        'rules.json': rulesText(
          ...Array.from({ length: 30 }, (_, i) => rule(`r${i}`, { summary })),
        ),
        'policy_events.jsonl': outcome(1) + outcome(1),
      })
    const same = many('one')
    const both = await Promise.all([deck.import(same), deck.import(same)])
    expect(
      both.map(({ rules: { made, same: was }, events }) => [made, was, events]).toSorted(),
    ).toEqual([
      [0, 30, 0],
      [30, 0, 2],
    ])
    const other = await smallDeck(onEnd)
    const results = await Promise.allSettled([other.import(same), other.import(many('two'))])
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(results.find((result) => result.status === 'rejected')?.reason).toMatchObject({
      code: 'not.possible',
      message: expect.stringContaining(
        '30 rules or playbooks of that name are here and differ',
      ) as string,
    })
    expect(new Set(other.rules().map(({ rule: { summary } }) => summary)).size).toBe(1)
    expect(other.rules()).toHaveLength(30)
  })

  it.each(['refused', 'previewed'])(
    'is %s from one state, also where it changes while it is compared',
    async (how) => {
      const many = (summary: string) =>
        folderOf({
          'rules.json': rulesText(
            ...Array.from({ length: 30 }, (_, i) => rule(`r${i}`, { summary })),
          ),
        })
      const [theirs, ours] = [many('one'), many('two')]
      let slices = 0
      // 30 slices read the rules, and 30 compare them: the other import is done before the last three.
      const deck = await smallDeck(onEnd, systemClock, (signal) => {
        const others = slices === 0 ? undefined : yielder(signal)
        return async () => {
          if (others === undefined && ++slices === 57) await deck.import(theirs)
        }
      })
      const imported = deck.import({ path: ours, dryRun: how === 'previewed' })
      if (how === 'refused')
        await expect(imported).rejects.toMatchObject({
          message: expect.stringMatching(/^30 rules or playbooks of that name/) as string,
        })
      else
        await expect(imported).resolves.toMatchObject({
          rules: { made: 0 },
          conflicts: { length: 30 },
        })
    },
  )
})

describe('Markdown', () => {
  it('makes advice, and changes what an earlier one said', async () => {
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

  it('that an export wrote is no second rule', async () => {
    const deck = await smallDeck(onEnd)
    const folder = folderOf({
      '.clawpolicy/policy/rules.json': rulesText(
        rule('r', { summary: 'Project constraints', strategy: '  Be kind\n\n' }),
        rule('rule_escalation', { strategy: ' padded\r\n' }),
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

  it('of 10 MB is read, and refused where a section is too long', async () => {
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
