import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { jsonObject } from '../../src/clawpolicy/files/json.ts'
import { newEvent, newPlaybook, newRule } from '../../src/clawpolicy/files/records.ts'
import { writeEvent } from '../../src/clawpolicy/files/write.ts'
import { writePlaybooks } from '../../src/clawpolicy/files/write.ts'
import { writeRules } from '../../src/clawpolicy/files/write.ts'
import type { PolicyEvent, Rule } from '../../src/clawpolicy/types.ts'
import { OPERATOR, TestDeck } from '../support/deck.ts'
import { tempFolder } from '../support/journal.ts'
import { typed } from '../support/typed.ts'

const cleanups: (() => unknown)[] = []
const onEnd = (act: () => unknown) => {
  cleanups.push(act)
}
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})
const open = () => new TestDeck(onEnd).start()

/** Moves the cursor, sets a title, turns the line around, begins a line of its own. */
const EVIL = 'x\u001b[2J\u001b]0;owned\u0007\u009b31m\u202egnp\u2066\rforged\u0000\u0085\u2028'
/** What no line on a terminal may hold: escapes, other controls, and marks that turn a line around. */
const RAW = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

function files(rules: Rule[]): string {
  const policy = join(tempFolder(onEnd), '.clawpolicy', 'policy')
  mkdirSync(policy, { recursive: true })
  writeFileSync(
    join(policy, 'rules.json'),
    writeRules(new Map(rules.map((rule) => [rule.id, rule]))),
  )
  writeFileSync(
    join(policy, 'playbooks.json'),
    writePlaybooks(
      new Map([
        [
          'p',
          newPlaybook({
            id: 'p',
            summary: EVIL,
            category: EVIL,
            trigger: [EVIL],
            rules_used: ['evil', EVIL],
          }),
        ],
      ]),
    ),
  )
  const told = [
    newEvent({
      timestamp: 'never',
      event_type: 'rule_updated',
      payload: jsonObject({ rule_id: 'on' }),
    }),
    newEvent({
      timestamp: 'never',
      event_type: 'decision_outcome',
      payload: jsonObject({
        decision_id: EVIL,
        final_decision: EVIL,
        user_override: EVIL,
        execution_result: EVIL,
        was_confirmed: true,
        rule_ids: ['on'],
        matched_rule_ids: ['on'],
      }),
    }),
  ]
  const proto = newEvent({
    timestamp: EVIL,
    event_type: 'decision_outcome',
    payload: jsonObject({
      decision_id: 'd',
      final_decision: 'x',
      user_override: '__proto__',
      execution_result: '__proto__',
      was_confirmed: true,
      rule_ids: ['on'],
      matched_rule_ids: ['on'],
    }),
  })
  writeFileSync(
    join(policy, 'policy_events.jsonl'),
    [...told, told[0] as PolicyEvent, proto].map(writeEvent).join(''),
  )
  return join(policy, '..')
}

const rule = (id: string, more: Partial<Rule>) =>
  newRule({
    id,
    summary: EVIL,
    category: EVIL,
    strategy: EVIL,
    validation: [EVIL],
    preconditions: [EVIL],
    postconditions: [EVIL],
    source_type: EVIL,
    suspension_reason: EVIL,
    risk_level: EVIL,
    last_seen_at: EVIL,
    last_applied_at: EVIL,
    last_lifecycle_event_at: EVIL,
    trigger: ['task_type:exec', 'keyword:make'],
    scope: 'project',
    scope_key: 'a1',
    policy_decision: 'auto_execute',
    status: 'candidate',
    extra: new Map([[EVIL, EVIL]]),
    ...more,
  })

describe('what files and agents say', () => {
  it('reaches no terminal as anything but text, whichever command shows it', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    const from = files([
      rule('evil', {}),
      rule('off', { status: 'suspended', suspension_reason: '__proto__' }),
      rule('on', { status: 'confirmed', risk_level: 'high' }),
      rule('no', {
        status: 'confirmed',
        policy_decision: 'require_confirmation',
        trigger: [`keyword:${EVIL}`, EVIL],
        scope_key: EVIL,
      }),
      rule('proto', {
        status: 'suspended',
        suspension_reason: '__proto__',
        trigger: ['__proto__:x', 'constructor:y', 'command:nothing'],
      }),
      rule('all', {
        scope: 'domain',
        scope_key: EVIL,
        status: 'confirmed',
        policy_decision: 'require_confirmation',
      }),
    ])
    const heard = await a1.ask({
      type: 'exec',
      target: `make '${EVIL.replace('\u0000', '')}'`,
      cwd: EVIL.replace('\u0000', ''),
      goal: EVIL,
      scope: EVIL,
      systems: [EVIL],
      extra_key: EVIL,
    })
    const tool = await a1.ask({ type: 'tool', target: EVIL.replace('\u0000', ''), goal: EVIL })
    const said: string[] = []
    const type = async (...argv: string[]) => {
      const { out, err } = await typed(deck, ...argv)
      said.push(`${argv.join(' ')}\n${out}${err}`)
      if (RAW.test(out + err))
        expect.soft(JSON.stringify(RAW.exec(out + err)), argv.join(' ')).toBe('nothing')
    }
    await type('policy', 'import', from, '--dry-run')
    await type('policy', 'import', from, '--trust')
    await type('policy', 'import', from)
    for (const id of [heard.id, tool.id])
      for (const words of [
        ['policy', 'why', id],
        ['approvals', 'why', id],
        ['approvals', 'show', id],
        ['policy', 'propose', id, '--width', 'exact'],
        ['policy', 'propose', id, '--width', 'family'],
      ])
        await type(...words)
    await deck.deck.approvals.deny(heard.id, { note: EVIL }, OPERATOR)
    for (const id of ['evil', 'off', 'on', 'no', 'all', 'proto'])
      for (const words of [
        ['policy', 'rule', id],
        ['policy', 'simulate', id],
        ['policy', 'confirm', id, '--note', EVIL],
        ['policy', 'suspend', id],
        ['policy', 'resume', id],
        ['policy', 'archive', id],
        ['policy', 'restore', id],
      ])
        await type(...words)
    for (const words of [
      'policy rules',
      'policy status',
      'policy recent',
      'policy risky',
      'policy suspended',
      'policy playbook list',
      'policy playbook suggest',
      'policy budget',
      'policy list',
      'approvals list --state all',
      'audit tail',
      'status',
    ])
      await type(...words.split(' '))
    await type('policy', 'rule', EVIL)
    await type('policy', 'pack', 'show', EVIL)
    await type('policy', 'import', `/nowhere/${EVIL}`)
    await type('policy', 'export', join(tempFolder(onEnd), 'out'))
    expect(said.join('\n')).toContain('forged')
    expect(said.join('\n')).toContain('other fields')
  })
})
