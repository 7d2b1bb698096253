import type { RecordedAction } from '../../src/domain/governance/ledger/types.ts'
import { DEFAULT_ORG } from '../../src/domain/governance/orgs/rules.ts'
import type { RecordData } from '../../src/domain/governance/records/types.ts'
import { LOOP_PRIORITIES } from '../../src/domain/governance/types.ts'
import type { Draft } from '../../src/journal/types.ts'

export const SEED_ACTOR = 'key:bench/api'
const ORG = DEFAULT_ORG.id

interface SeedMoment {
  at: number
  action: RecordedAction
  /** A number that nothing has yet. */
  next: number
}

type Made = Omit<Draft<'record.made'>, 'subject'>

/** What is recorded with some of the actions. */
export function recordsOf(i: number, { at, action, next }: SeedMoment): Made[] {
  const now = new Date(at).toISOString()
  const { agent_id, action_id, action_type } = action
  const made = (kind: string, key: string, data: RecordData): Made => ({
    type: 'record.made',
    actor: SEED_ACTOR,
    body: {
      org: ORG,
      kind,
      key,
      data: { id: key, org_id: ORG, agent_id, ...data, created_at: now, updated_at: now },
    },
  })
  const often: readonly (readonly [every: number, record: () => Made])[] = [
    [10, () => made('guard_decision', `act_gd_${i.toString(36)}`, answerTo(action))],
    [
      20,
      () =>
        made('loop', `loop_${i}`, {
          loop_id: `loop_${i}`,
          action_id,
          loop_type: 'followup',
          description: `Part ${i} has to be looked at again`,
          status: i % 400 === 0 ? 'open' : 'resolved',
          priority: LOOP_PRIORITIES[i % 7 === 0 ? 3 : i % 3] as string,
        }),
    ],
    [
      25,
      () =>
        made('assumption', `asm_${i}`, {
          assumption_id: `asm_${i}`,
          action_id,
          assumption: `Part ${i} is not in use`,
          status: i % 500 === 0 ? 'unvalidated' : 'validated',
          validated: i % 500 !== 0,
          invalidated: false,
          invalidated_reason: null,
        }),
    ],
    [
      10,
      () =>
        made('token_usage', `tok_${i}`, {
          tokens_in: 900 + (i % 100),
          tokens_out: 120,
          total_tokens: 1020 + (i % 100),
          estimated_cost: 0.0031,
          model: 'gpt-4o',
          session_key: null,
          context_used: null,
          context_max: null,
        }),
    ],
    [
      50,
      () =>
        made('learning_decision', String(next), {
          decision: `Do part ${i} first`,
          context: action_type,
          outcome: 'success',
          confidence: 70,
        }),
    ],
    [
      100,
      () =>
        made('goal', String(next + 1), {
          title: `Finish part ${i}`,
          status: i % 300 === 0 ? 'active' : 'completed',
          progress: 40,
          category: action_type,
        }),
    ],
  ]
  return often.filter(([every]) => i % every === 0).map(([, record]) => record())
}

function answerTo(action: RecordedAction): RecordData {
  const decision = action.status === 'blocked' ? 'block' : 'allow'
  return {
    action_type: action.action_type,
    status: decision,
    decision,
    reason: null,
    matched_policies: [],
    risk_score: action.risk_score,
    agent_risk_score: null,
    risk_factors: [{ label: 'base', points: 10 }],
    context: { declared_goal: action.declared_goal, systems_touched: [], reversible: null },
    recorded: true,
  }
}
