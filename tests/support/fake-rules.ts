import type {
  RuleDetail,
  RuleMoment,
  RuleOutcome,
  RuleRow,
  Status,
} from '../../src/domain/rules/types.ts'
import { fleet } from './fake-fleet.ts'
import type { FakeWorld } from './fake-link.ts'
import { facts } from './fake-rows.ts'
import type { Simulation } from '../../src/domain/rules/trials/types.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** One moment for all rules, so that those with equal times stand in the order of their ids. */
const NOW = Date.now()

/** A learned rule as the deck tells of it. */
export function aRule(id: string, part: Partial<RuleRow> = {}): RuleRow {
  return {
    id,
    summary: 'Auto execute for git push origin main',
    status: 'candidate',
    decision: 'allow',
    scope: 'project',
    scopeKey: 'backend',
    trigger: ['task_type:exec', 'command:git push origin main'],
    riskLevel: 'medium',
    confidence: 0.7,
    setback: '',
    support: 2,
    needed: 3,
    missing: ['insufficient evidence'],
    failures: 0,
    suspensionReason: '',
    conflicts: [],
    source: 'explicit_correction',
    by: 'learner',
    uses: 0,
    lastUsedAt: null,
    changedAt: NOW - 2 * HOUR,
    expiresAt: NOW + 20 * DAY,
    ...part,
  }
}

/** Rules in every state but the archive. */
export function rules(): RuleRow[] {
  const now = NOW
  return [
    aRule('policy_c1', {
      trigger: ['task_type:exec', 'command:npm install zod@4'],
      changedAt: now - 60_000,
    }),
    aRule('policy_c2', {
      trigger: [
        'task_type:net',
        "command:net https://api.stripe.com POST 'POST https://api.stripe.com/v1/refunds'",
      ],
      scopeKey: 'scout',
      support: 1,
      changedAt: now - 600_000,
    }),
    aRule('policy_c3', {
      trigger: ['runs:git push'],
      decision: 'ask',
      scope: 'global',
      scopeKey: '',
      support: 3,
      missing: ['unresolved conflict'],
      conflicts: ['policy_k1'],
    }),
    aRule('policy_k1', {
      status: 'confirmed',
      trigger: ['runs:git push'],
      scope: 'global',
      scopeKey: '',
      support: 3,
      missing: [],
      uses: 44,
      lastUsedAt: now - 120_000,
    }),
    aRule('policy_k2', {
      status: 'confirmed',
      trigger: ['task_type:file', 'runs:file write docs/'],
      scope: 'domain',
      scopeKey: 'review',
      support: 5,
      missing: [],
      uses: 3,
      lastUsedAt: now - 5 * HOUR,
      expiresAt: now + 3 * HOUR,
    }),
    aRule('policy_s1', {
      status: 'suspended',
      trigger: ['task_type:exec', 'command:pip install requests'],
      suspensionReason: 'repeated_failure',
      failures: 2,
      scopeKey: 'reviewer',
    }),
    aRule('policy_h1', {
      status: 'hint',
      decision: '',
      trigger: ['task_type:refactor'],
      scope: 'global',
      scopeKey: '',
      support: 0,
      source: 'git_history',
      expiresAt: null,
    }),
  ]
}

export function counted(all: readonly RuleRow[], archived = 0): Record<Status, number> {
  const of = (status: Status): number => all.filter((rule) => rule.status === status).length
  return {
    hint: of('hint'),
    candidate: of('candidate'),
    confirmed: of('confirmed'),
    suspended: of('suspended'),
    archived,
  }
}

/** The fleet of the design's drawing, which has learned. */
export function learnedFleet(all: RuleRow[] = rules(), archived = 0): FakeWorld {
  return { ...fleet(), rules: all, deck: { ...facts, rules: counted(all, archived) } }
}

export function anOutcome(part: Partial<RuleOutcome> = {}): RuleOutcome {
  return {
    at: new Date().toISOString(),
    decision: 'require_confirmation',
    override: 'confirmed_after_prompt',
    result: 'success',
    confirmed: true,
    ...part,
  }
}

export function aMoment(part: Partial<RuleMoment> = {}): RuleMoment {
  return {
    seq: 7,
    at: Date.now() - HOUR,
    actor: 'operator:cli',
    type: 'rule.learned',
    rule: 'policy_c1',
    from: 'candidate',
    to: 'candidate',
    because: 'explicit_correction',
    of: 'apr_9',
    outcome: anOutcome(),
    ...part,
  }
}

export function aDetail(row: RuleRow, part: Partial<RuleDetail> = {}): RuleDetail {
  return {
    row,
    outcomes: [
      anOutcome(),
      anOutcome({ override: 'blocked_auto_execute', result: 'failure', confirmed: false }),
      anOutcome(),
    ],
    history: [
      aMoment({ rule: row.id }),
      aMoment({
        rule: row.id,
        seq: 5,
        outcome: anOutcome({
          override: 'blocked_auto_execute',
          result: 'failure',
          confirmed: false,
        }),
      }),
      aMoment({ rule: row.id, seq: 3, type: 'rule.added', from: null, at: Date.now() - 5 * HOUR }),
    ],
    playbooks: [],
    markdown: `## ${row.summary}\n\n\`${row.id}\` is **${row.status}**.\n`,
    stored: {
      rule: {
        accepted_auto_execute_count: 4,
        accepted_confirmation_count: 1,
        evidence_count: 5,
        rollback_count: 0,
        failure_streak: 0,
        override_streak: 0,
        conflict_count: 0,
      } as RuleDetail['stored']['rule'],
      expiresAt: row.expiresAt,
      by: row.by,
    },
    ...part,
  }
}

export function aSimulation(part: Partial<Simulation> = {}): Simulation {
  return {
    change: 'confirm policy_c1',
    questions: 41,
    changed: 3,
    toAllow: 3,
    toAsk: 0,
    toBlock: 0,
    severe: 0,
    leftOut: 0,
    notes: [],
    byAgent: [{ agent: 'backend', toAllow: 3, toAsk: 0, toBlock: 0 }],
    from: Date.now() - 3 * DAY,
    until: Date.now(),
    took: 12,
    flips: [
      {
        seq: 11,
        at: Date.now() - HOUR,
        agent: 'backend',
        type: 'exec',
        target: 'npm install zod@4',
        risk: 40,
        was: 'allowed by a person',
        would: 'allow',
        reason: 'rule policy_c1 allows this',
        severe: false,
        times: 3,
      },
    ],
    ...part,
  }
}

/** A trial that finds something severe: a person denied what would be allowed. */
export const SEVERE = aSimulation({
  severe: 1,
  changed: 1,
  toAllow: 1,
  flips: [
    {
      seq: 3,
      at: Date.now(),
      agent: 'backend',
      type: 'exec',
      target: 'npm install evil',
      risk: 90,
      was: 'denied by a person',
      would: 'allow',
      reason: 'rule policy_c1 allows this',
      severe: true,
      times: 1,
    },
  ],
})
