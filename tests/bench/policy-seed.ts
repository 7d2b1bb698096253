import type { RuleEventType } from '../../src/domain/rules/types.ts'
import { toStored } from '../../src/domain/rules/stored.ts'
import { newRule } from '../../src/clawpolicy/files/records.ts'
import { AUTO, ASK, type Rule } from '../../src/clawpolicy/types.ts'
import type { Journal } from '../../src/journal/journal.ts'
import type { Draft } from '../../src/journal/types.ts'

export const AGENTS = Array.from({ length: 20 }, (_, i) => `agent${i}`)
const VERBS = ['push', 'build', 'test', 'deploy', 'sync', 'fetch', 'check', 'run', 'clean', 'pack']
const GROUP = 500

/** A command that the rule of the same number is about. */
export const commandOf = (i: number): string =>
  `tool${i % 400} ${VERBS[i % VERBS.length]} --part ${i}`

/** Rules as decks learn them: mostly for one agent, exactly a command or a kind of them, most of them confirmed. */
export function ruleAt(i: number): Rule {
  const exact = i % 3 !== 0
  return newRule({
    id: `policy_${i.toString(16).padStart(10, '0')}`,
    summary: `Auto execute for ${commandOf(i)}`,
    category: 'harden',
    trigger: exact
      ? ['task_type:exec', `command:${commandOf(i)}`]
      : [`runs:tool${i % 400} ${VERBS[i % VERBS.length]} --part ${i}`],
    strategy: 'Prefer automatic execution',
    validation: ['assert decision.final_decision'],
    confidence: 0.7,
    evidence_count: 3,
    status: i % 5 === 4 ? 'candidate' : 'confirmed',
    policy_decision: i % 10 === 9 ? ASK : AUTO,
    risk_level: 'low',
    ...(i % 10 < 8
      ? { scope: 'project' as const, scope_key: AGENTS[i % AGENTS.length] as string }
      : { scope: 'domain' as const, scope_key: 'code' }),
    last_seen_at: new Date(1_760_000_000_000 + i * 1000).toISOString(),
    source_type: 'explicit_preference',
  })
}

export function ruleAdded(rule: Rule, type: RuleEventType = 'rule.added'): Draft {
  return {
    type,
    actor: 'supervisor',
    subject: '',
    body: {
      stored: toStored(rule, { expiresAt: null, by: 'operator' }),
      from: null,
      because: 'operator',
      of: '',
      outcome: null,
    },
  }
}

/** Writes `count` rules down. How fast is of no interest here. */
export async function writeRules(journal: Journal, count: number): Promise<void> {
  for (let i = 0; i < count; i += GROUP) {
    await journal.append(() =>
      Array.from({ length: Math.min(GROUP, count - i) }, (_, j) => ruleAdded(ruleAt(i + j))),
    )
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
  }
}
