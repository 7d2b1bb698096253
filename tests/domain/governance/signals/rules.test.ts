import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  freshSignals,
  governanceSignals,
  signalCounts,
  signalFingerprint,
} from '../../../../src/domain/governance/signals/rules.ts'
import type { SignalFacts, SignalType } from '../../../../src/domain/governance/signals/types.ts'
import { assumption, before, ledgerAction, NOW, openLoop } from '../action.ts'

const MIN = 60_000
const H = 60 * MIN
const D = 24 * H

const NO_FACTS: SignalFacts = {
  presences: [],
  actionsLastHour: [],
  failuresLastDay: [],
  invalidationsLastWeek: [],
  actions: [],
  loops: [],
  assumptions: [],
  connections: [],
  sessions: [],
  intel: [],
}

const times = (count: number) => [{ agent_id: 'scout', count }]
const presence = (ago: number, current_task_id: string | null, status = 'online') => ({
  presences: [{ agent_id: 'scout', status, current_task_id, last_heartbeat_at: before(ago) }],
})
const running = (over: object) => ({ actions: [ledgerAction({ status: 'running', ...over })] })
const risky = (risk_score: number, authorization_scope: string | null = null) =>
  running({ reversible: false, risk_score, authorization_scope, timestamp_start: before(0) })
const held = (ago: number) => ({
  actions: [ledgerAction({ status: 'pending_approval', timestamp_start: before(ago) })],
})
const connection = (credentials: 'valid' | 'error' | 'absent', more: object[] = []) => ({
  connections: [
    { agent_id: 'scout', provider: 'openai', status: 'active', credentials },
    ...more,
  ] as SignalFacts['connections'],
})
const other = { agent_id: 'b', provider: 'x', status: 'active', credentials: 'valid' }
const session = (ago: number, status = 'running') => ({
  sessions: [{ id: 'sess_1', agent_id: 'scout', status, last_activity: before(ago) }],
})
const intel = (value: object, ago = 0, notGreen = false) => ({
  intel: [
    {
      agent_id: 'scout',
      action_type: 'build',
      intel: value as Record<string, unknown>,
      created_at: before(ago),
      notGreen,
    },
  ],
})

type Row = [SignalType, Partial<SignalFacts>, 'red' | 'amber' | undefined]

const ROWS: Row[] = [
  ['agent_silent', presence(10 * MIN, null), undefined],
  ['agent_silent', presence(10 * MIN + 1, null), 'amber'],
  ['agent_silent', presence(11 * MIN, 'task'), 'red'],
  ['agent_silent', presence(11 * MIN, null, 'offline'), undefined],
  ['agent_silent', presence(11 * MIN, 'task', 'offline'), 'red'],
  ['autonomy_spike', { actionsLastHour: times(10) }, undefined],
  ['autonomy_spike', { actionsLastHour: times(11) }, 'amber'],
  ['autonomy_spike', { actionsLastHour: times(20) }, 'amber'],
  ['autonomy_spike', { actionsLastHour: times(21) }, 'red'],
  ['high_impact_low_oversight', risky(69), undefined],
  ['high_impact_low_oversight', risky(70), 'amber'],
  ['high_impact_low_oversight', risky(90), 'red'],
  ['high_impact_low_oversight', risky(90, 'ticket 4'), undefined],
  ['high_impact_low_oversight', risky(90, '  '), 'red'],
  ['repeated_failures', { failuresLastDay: times(3) }, undefined],
  ['repeated_failures', { failuresLastDay: times(4) }, 'amber'],
  ['repeated_failures', { failuresLastDay: times(6) }, 'red'],
  ['stale_loop', { loops: [openLoop({ created_at: before(48 * H) })] }, undefined],
  ['stale_loop', { loops: [openLoop({ created_at: before(49 * H) })] }, 'amber'],
  ['stale_loop', { loops: [openLoop({ created_at: before(97 * H) })] }, 'red'],
  [
    'stale_loop',
    { loops: [openLoop({ status: 'resolved', created_at: before(99 * H) })] },
    undefined,
  ],
  ['assumption_drift', { invalidationsLastWeek: times(1) }, undefined],
  ['assumption_drift', { invalidationsLastWeek: times(2) }, 'amber'],
  ['assumption_drift', { invalidationsLastWeek: times(4) }, 'red'],
  ['stale_assumption', { assumptions: [assumption({ created_at: before(14 * D) })] }, undefined],
  ['stale_assumption', { assumptions: [assumption({ created_at: before(15 * D) })] }, 'amber'],
  ['stale_assumption', { assumptions: [assumption({ created_at: before(31 * D) })] }, 'red'],
  [
    'stale_assumption',
    { assumptions: [assumption({ validated: true, created_at: before(31 * D) })] },
    undefined,
  ],
  ['stale_running_action', running({ timestamp_start: before(4 * H) }), undefined],
  ['stale_running_action', running({ timestamp_start: before(5 * H) }), 'amber'],
  ['stale_running_action', running({ timestamp_start: before(25 * H) }), 'red'],
  ['workflow_stuck', running({ timestamp_start: before(2 * H) }), undefined],
  [
    'workflow_stuck',
    running({ action_type: 'workflow_execute', timestamp_start: before(31 * MIN) }),
    'amber',
  ],
  [
    'workflow_stuck',
    running({ action_type: 'workflow_execute', timestamp_start: before(61 * MIN) }),
    'red',
  ],
  ['approval_backlog', held(H), undefined],
  ['approval_backlog', held(H + 1), 'amber'],
  ['approval_backlog', held(4 * H), 'red'],
  ['integration_mismatch', connection('valid'), undefined],
  ['integration_mismatch', connection('absent'), undefined],
  ['integration_mismatch', connection('absent', [other]), 'amber'],
  ['integration_mismatch', connection('error'), 'red'],
  ['session_stalled', session(2 * H), undefined],
  ['session_stalled', session(3 * H), 'amber'],
  ['session_stalled', session(4 * H), 'red'],
  ['session_stalled', session(9 * H, 'finished'), undefined],
  ['branch_stale', intel({ branch: { freshness: 'fresh' } }), undefined],
  ['branch_stale', intel({ branch: { freshness: 'stale', commits_behind: 4 } }), 'amber'],
  ['branch_stale', intel({ branch: { freshness: 'stale', commits_behind: 5 } }), 'red'],
  ['branch_stale', intel({ branch: { freshness: 'stale' } }, H), 'amber'],
  ['branch_stale', intel({ branch: { freshness: 'stale' } }, H + 1), undefined],
  ['branch_stale', intel({ branch: 'stale' }), undefined],
  ['mcp_degraded', intel({ mcp: { status: 'healthy' } }), undefined],
  ['mcp_degraded', intel({ mcp: { status: 'down' } }), 'amber'],
  ['mcp_degraded', intel({ mcp: { status: 'auth_required' } }), 'red'],
  ['mcp_degraded', intel({ mcp: { status: 'down' } }, 30 * MIN), 'amber'],
  ['mcp_degraded', intel({ mcp: { status: 'down' } }, 31 * MIN), undefined],
  ['green_insufficient', intel({}, 0, true), 'red'],
  ['green_insufficient', intel({}, H + 1, true), undefined],
]

describe('signals', () => {
  test.each(ROWS)('%s on %j: %s', (type, facts, severity) => {
    const signals = governanceSignals({ ...NO_FACTS, ...facts }, NOW)
    expect(signals.find((each) => each.type === type)?.severity).toBe(severity)
    expect(signals.filter((each) => each.help === '')).toEqual([])
  })

  test('red ones come first, and rows of one type are at most ten, the worst', () => {
    const loops = Array.from({ length: 25 }, (_, i) =>
      openLoop({ loop_id: `loop_${i}`, created_at: before((50 + i) * H) }),
    )
    const facts = { ...NO_FACTS, loops, failuresLastDay: times(6) }
    const signals = governanceSignals(facts, NOW)
    expect(signals[0]?.type).toBe('repeated_failures')
    expect(signals).toHaveLength(11)
    expect(signals[1]?.loop_id).toBe('loop_24')
    expect(signalCounts(signals)).toEqual({ red: 1, amber: 10, total: 11 })
  })

  test('only the latest report of an agent counts', () => {
    const stale = intel({ branch: { freshness: 'stale' } }, MIN).intel
    const fresh = intel({ branch: { freshness: 'fresh' } }, 0).intel
    expect(governanceSignals({ ...NO_FACTS, intel: [...fresh, ...stale] }, NOW)).toEqual([])
  })

  test('a fingerprint stays while age and severity change, and tells subjects apart', () => {
    const at = (ago: number, id = 'act_1') =>
      governanceSignals(
        { ...NO_FACTS, ...running({ action_id: id, timestamp_start: before(ago) }) },
        NOW,
      )
    const [young, old, another] = [at(5 * H), at(30 * H), at(5 * H, 'act_2')]
    const known = new Set(young.map(signalFingerprint))
    expect(freshSignals(old, known)).toEqual([])
    expect(freshSignals([...another, ...another], known)).toEqual(another)
  })

  test('grow only redder with time', () => {
    fc.assert(
      fc.property(fc.nat(100 * H), fc.nat(100 * H), (one, more) => {
        const rank = (ago: number) => {
          const [signal] = governanceSignals({ ...NO_FACTS, ...held(ago) }, NOW)
          if (signal === undefined) return 0
          return signal.severity === 'red' ? 2 : 1
        }
        expect(rank(one + more)).toBeGreaterThanOrEqual(rank(one))
      }),
    )
  })

  test('what agents say is shown without control characters', () => {
    const [signal] = governanceSignals(
      { ...NO_FACTS, ...running({ declared_goal: 'a\u001b[2J', timestamp_start: before(5 * H) }) },
      NOW,
    )
    expect(signal?.detail).not.toContain('\u001b')
  })
})
