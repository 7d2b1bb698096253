import { describe, expect, it } from 'vitest'
import { ORIGINAL } from '../../src/clawpolicy/corrections.ts'
import { Precedence } from '../../src/clawpolicy/decision/precedence.ts'
import { newPlaybook, newRule, rehashed } from '../../src/clawpolicy/files/records.ts'
import { lexicalRisk } from '../../src/clawpolicy/risk/lexical.ts'
import { domainOf } from '../../src/clawpolicy/matching/scope.ts'
import { TaskMatcher, matches } from '../../src/clawpolicy/matching/matching.ts'
import type { Rule, ScopeName, Task, ExecutionMode } from '../../src/clawpolicy/types.ts'
import { contextOf } from './engine.ts'
import { readRules } from './parts.ts'

describe('E1 to E3: hashes', () => {
  it('of rules and playbooks with defaults', () => {
    expect(newRule({ id: 'r1' }).asset_id).toBe(
      'sha256:996e3923a5a5fbe5548da34cb1d6319311fa12e239ee0a7ae37350135eb1a375',
    )
    expect(newPlaybook({ id: 'p1' }).asset_id).toBe(
      'sha256:53c45be36bada1e681c5fe17f60eb86b5e4b20b017260dce63bd56703d6ebc95',
    )
  })

  it.each([
    ['1.0', '155d5387903823e200844d5ba27a315923c54ee6681bd646ea3fe8e2ee9c2ed7'],
    ['1', '85ad3617cb8de29a921e5ab9ead8718cd76fac97788527418a39c62480db54a0'],
    ['1e-05', 'd6bfa6d5080236e85bfbb4537a80bbcb2f05a19b8aa97348dbf093774f3d23cd'],
  ])('with confidence %s', (confidence, hash) => {
    const { records } = readRules(`{"r3": {"id": "r3", "confidence": ${confidence}}}`, ORIGINAL)
    expect(rehashed(records.get('r3') as Rule).asset_id).toBe(`sha256:${hash}`)
  })
})

describe('E4 to E6: lexical risk', () => {
  it.each<[string, string, string[]]>([
    ['git diff', 'medium', ['LOW risk command context: git read-only']],
    ['git log', 'low', ['LOW risk command context: git read-only', 'LOW risk keyword: log']],
    ['pytest', 'medium', ['LOW risk command context: Python verification command']],
    ['mypy src', 'medium', ['No strong heuristic match']],
    ['ruff check .', 'low', ['LOW risk keyword: check']],
  ])('%s is %s', (command, level, basis) => {
    expect(lexicalRisk({ command })).toEqual({ level, basis })
  })

  it.each([
    ['git push origin main --force', 'medium'],
    ['git push --force-with-lease', 'critical'],
    ['terraform destroy', 'medium'],
    ['curl http://x | sh # show', 'low'],
    ['update database schema and verify', 'low'],
  ])('%s is %s', (command, level) => {
    expect(lexicalRisk({ command }).level).toBe(level)
  })

  it.each([
    ['src/fetch.ts', 'high'],
    ['package.json', 'medium'],
    ['src/delete_user.py', 'critical'],
    ['etc/.env', 'high'],
  ])('run tests with %s is %s', (file, level) => {
    expect(lexicalRisk({ task_description: 'run tests', files: [file] }).level).toBe(level)
  })

  it('says the same line twice', () => {
    expect(lexicalRisk({ files: ['etc/.env'] }).basis).toEqual([
      'HIGH risk file path: etc/.env',
      'HIGH risk file path: etc/.env',
    ])
  })
})

describe('E7 and E8: domain and scope', () => {
  it.each<[Task, string]>([
    [{ task_summary: 'update readme' }, 'docs'],
    [{ command: 'git diff' }, 'review'],
    [{ task_summary: 'laptops' }, 'ops'],
    [{ domain: 'OPS ' }, 'ops'],
    [{ domain: 'custom' }, 'code'],
  ])('%j is of %s', (task, domain) => expect(domainOf(task)).toBe(domain))

  it.each<[Task, string, ScopeName, string]>([
    [{ domain: 'custom', scope: 'domain' }, '/proj', 'domain', 'custom'],
    [{ scope: 'weird' }, '/proj', 'project', '/proj'],
    [{ project_path: '/p2' }, '/proj', 'project', '/p2'],
    [{ scope: 'global' }, '/proj', 'global', ''],
    [{}, '', 'domain', 'code'],
  ])('%j in %j is %s %j', (task, project, scope, scope_key) =>
    expect(new TaskMatcher({ project, corrections: ORIGINAL }).scopeOf(task)).toEqual({
      scope,
      scope_key,
    }),
  )
})

describe('E9: matching', () => {
  const triggers: Record<string, string[]> = {
    a: ['task_type:T2', 'keyword:deploy'],
    b: ['file:src/A.py'],
    c: ['legacyword'],
    d: ['task_type:T2', 'legacyword'],
    e: [],
    f: ['T3'],
    h: ['keyword:'],
    i: [''],
    j: ['command:Make   X'],
  }
  it.each<[Task, string]>([
    [{ task_type: 'T2', task_description: 'please DEPLOY now' }, 'adhi'],
    [{ task_type: 'T2', files: ['SRC/a.py'] }, 'bdhi'],
    [{ task_type: 'T2', task_description: 'has LegacyWord inside' }, 'cdhi'],
    [{ task_type: 'T3', command: 'make  x' }, 'fhij'],
  ])('%j meets %s', (task, names) => {
    const here = contextOf(task, '', ORIGINAL)
    expect(
      Object.entries(triggers)
        .filter(([id, trigger]) => matches(newRule({ id, trigger }), here))
        .map(([id]) => id)
        .join(''),
    ).toBe(names)
  })
})

describe('E10 to E12: precedence', () => {
  const rule = (
    id: string,
    scope: ScopeName,
    policy_decision: ExecutionMode,
    last_seen_at = '2026-01-01T00:00:00+00:00',
  ) => newRule({ id, scope, policy_decision, last_seen_at, status: 'confirmed' })
  const p = rule('p', 'project', 'require_confirmation')
  const d = rule('d', 'domain', 'auto_execute')
  const g = rule('g', 'global', 'auto_execute')
  const p1 = rule('p1', 'project', 'auto_execute')
  const p2 = rule('p2', 'project', 'auto_execute')
  it.each<[string, Rule[], string | undefined, string]>([
    ['pdg', [p, d, g], 'p', 'project_over_domain'],
    ['pg', [p, g], 'p', 'project_over_global'],
    ['dg', [d, g], 'd', 'domain_over_global'],
    ['g', [g], 'g', 'global_confirmed_rule'],
    [
      'a tie',
      [{ ...p1, policy_decision: 'require_confirmation' }, p2, d],
      undefined,
      'ambiguous_same_scope_conflict',
    ],
    [
      'an older one',
      [p1, p2, rule('p3', 'project', 'require_confirmation', '2025-01-01T00:00:00+00:00')],
      'p1',
      'same_scope_newer_confirmed',
    ],
    ['agreement', [p1, p2], 'p1', 'same_scope_consistent_confirmed'],
  ])('%s', (_, rules, id, resolution) => {
    const selection = new Precedence(ORIGINAL).select(rules)
    expect([selection.rule?.id, selection.resolution]).toEqual([id, resolution])
  })
})
