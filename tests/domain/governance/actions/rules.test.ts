import { describe, expect, test } from 'vitest'
import {
  approvalChange,
  outcomeFields,
  statusAfterGuard,
  storedConfidence,
  whyNoApproval,
  whyNoOutcome,
} from '../../../../src/domain/governance/actions/rules.ts'

test('the guard decides where an action stands; nobody can claim that it was held', () => {
  expect(statusAfterGuard('block', 'completed')).toBe('blocked')
  expect(statusAfterGuard('require_approval', 'running')).toBe('pending_approval')
  expect(statusAfterGuard('allow')).toBe('running')
  expect(statusAfterGuard('warn', 'completed')).toBe('completed')
  expect(statusAfterGuard('allow', 'pending_approval')).toBe('running')
  expect(statusAfterGuard('allow', 'blocked')).toBe('running')
})

test('the outcome of a held or blocked action is a conflict', () => {
  expect(whyNoOutcome({ status: 'pending_approval' })?.kind).toBe('conflict')
  expect(whyNoOutcome({ status: 'blocked' })?.kind).toBe('conflict')
  expect(whyNoOutcome({ status: 'running' })).toBeUndefined()
})

test('only a held action can be decided', () => {
  expect(whyNoApproval({ status: 'pending_approval' })).toBeUndefined()
  expect(whyNoApproval({ status: 'failed' })?.reason).toMatch(/failed/)
})

describe('a decision', () => {
  const answer = { by: 'key_1', at: '2026-06-15T12:00:00Z', why: null, reasoning: 'it is due' }

  test('an approval names who approved', () => {
    expect(approvalChange({ ...answer, decision: 'allow' })).toEqual({
      status: 'running',
      approved_by: 'key_1',
      approved_at: '2026-06-15T12:00:00Z',
      error_message: null,
      reasoning: 'it is due\nApproved by key_1',
    })
  })

  test('a denial names nobody, and tells why', () => {
    expect(approvalChange({ ...answer, decision: 'deny', why: 'too late' })).toEqual({
      status: 'failed',
      approved_by: null,
      approved_at: null,
      error_message: 'too late',
      reasoning: 'it is due\nDenied by key_1: too late',
    })
    expect(approvalChange({ ...answer, decision: 'deny', why: '' }).error_message).toMatch(/Denied/)
  })
})

test('a confidence of 0 stays 0', () => {
  expect([storedConfidence(0), storedConfidence(null), storedConfidence(undefined)]).toEqual([
    0, 50, 50,
  ])
})

describe('an outcome', () => {
  test('has what was given; null is as if it were left out', () => {
    const given = {
      status: null,
      duration_ms: 0,
      side_effects: [],
      error_message: '',
      risk_score: 9,
      timestamp_end: 't',
    }
    expect(outcomeFields(given)).toEqual({
      duration_ms: 0,
      side_effects: [],
      error_message: '',
      timestamp_end: 't',
    })
  })

  test('of nothing is none', () => {
    expect(outcomeFields({ status: null, timestamp_end: null })).toBeUndefined()
    expect(outcomeFields({ agent_id: 'a' })).toBeUndefined()
    expect(outcomeFields({})).toBeUndefined()
  })
})
