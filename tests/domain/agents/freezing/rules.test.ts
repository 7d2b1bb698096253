import { describe, expect, test } from 'vitest'
import { agentCan, fleetCan } from '../../../../src/domain/agents/rules.ts'
import { absenceTimes, frozenFor } from '../../../../src/domain/agents/freezing/rules.ts'
import type { Freeze } from '../../../../src/domain/agents/freezing/types.ts'
import type { Agent, AgentPhase } from '../../../../src/domain/agents/types.ts'
import { approvalCan } from '../../../../src/domain/approvals/rules.ts'
import { timeLeft } from '../../../../src/domain/approvals/holding/rules.ts'
import type { Approval } from '../../../../src/domain/approvals/types.ts'

const MINUTE_MS = 60_000
const FROZEN = { at: 1, by: 'operator:ada/cli', why: '', withFleet: false, held: true, problem: '' }

function agent(phase: AgentPhase, frozen?: Agent['frozen']): Agent {
  const row = { name: 'a1', phase, isolation: 'container', wish: 'up' } as Agent
  return frozen === undefined ? row : { ...row, frozen }
}

describe('what is possible with an agent', () => {
  test.each<[keyof typeof agentCan, AgentPhase, boolean, boolean]>([
    // act, phase, possible, possible while it is frozen
    ['start', 'stopped', true, false],
    ['restart', 'up', true, false],
    ['attach', 'up', true, false],
    ['stop', 'up', true, true],
    ['remove', 'stopped', true, true],
    ['freeze', 'up', true, false],
    ['freeze', 'stopped', true, false],
    ['thaw', 'up', false, true],
    ['thaw', 'exited', false, true],
  ])('%s of one that is %s', (act, phase, free, frozen) => {
    expect(agentCan[act](agent(phase)) === undefined).toBe(free)
    expect(agentCan[act](agent(phase, FROZEN)) === undefined).toBe(frozen)
  })

  test('one whose pod was not paused is frozen again', () => {
    const failed = { ...FROZEN, held: false, problem: 'no answer' }
    expect(agentCan.freeze(agent('up', failed))).toBeUndefined()
  })

  test('the fleet is thawed while it is frozen', () => {
    expect(fleetCan.thaw(undefined)).toBe('the fleet is not frozen')
    expect(fleetCan.thaw({ id: '*', thawed: [], ...FROZEN })).toBeUndefined()
  })
})

describe('who is frozen', () => {
  const row = (id: string, more: Partial<Freeze> = {}): [string, Freeze] => [
    id,
    { ...FROZEN, id, thawed: [], ...more },
  ]
  test.each<[string, [string, Freeze][], boolean]>([
    ['nobody', [], false],
    ['by itself', [row('a1')], true],
    ['another', [row('b1')], false],
    ['with the fleet', [row('*')], true],
    ['let go on since', [row('*', { thawed: ['a1'] })], false],
    ['again by itself', [row('*', { thawed: ['a1'] }), row('a1')], true],
  ])('%s', (_name, rows, expected) => {
    const table = new Map(rows)
    const get = <T>(_table: string, id: string) => table.get(id) as T | undefined
    expect(frozenFor({ get }, 'a1') !== undefined).toBe(expected)
  })
})

describe('a question that is held', () => {
  const held = { agent: 'a1', state: 'pending', by: '', expiresAt: 100, heldSince: 40 } as Approval

  test('has as much time left as then, and is not decided', () => {
    expect(timeLeft(held, 1_000_000)).toBe(60)
    expect(approvalCan.decide(held)).toMatch(/a1 is frozen/)
    expect(approvalCan.read(held)).toBeUndefined()
    expect(approvalCan.decide({ ...held, state: 'denied' })).toBe('already denied')
  })
})

describe('when nobody is seen', () => {
  const terms = { minutes: 30, warnMinutes: 5, response: 'freeze' as const }
  const at = (minutes: number) => minutes * MINUTE_MS

  test.each([
    ['it warns before', terms, { seen: at(100), started: 0 }, { warnAt: at(125), until: at(130) }],
    [
      'after a long stop it warns first',
      terms,
      { seen: 0, started: at(1000) },
      { warnAt: at(1000), until: at(1005) },
    ],
    [
      'a warning is never longer than the whole',
      { ...terms, minutes: 2 },
      { seen: at(10), started: 0 },
      { warnAt: at(10), until: at(12) },
    ],
    ['never, by default', { ...terms, minutes: null }, { seen: 0, started: 0 }, undefined],
  ])('%s', (_name, given, when, expected) => {
    expect(absenceTimes(given, when)).toEqual(expected)
  })
})
