import fc from 'fast-check'
import { newRule } from '../../src/clawpolicy/files/records.ts'
import { DECISIONS, SCOPES, STATUSES, type Rule, type Task } from '../../src/clawpolicy/types.ts'
import type { Report } from '../../src/clawpolicy/evidence/feedback.ts'

/** Few words, so that rules and tasks meet often. */
const word = fc.constantFrom(
  'deploy',
  'Run',
  'tests',
  'ab',
  'abc',
  'abcd',
  'x',
  '',
  'make thing',
  'python -m pytest tests/',
  'GIT status',
  'readme',
  'rm -rf build',
  'T2',
  'T3',
)
const text = fc.array(word, { maxLength: 3 }).map((words) => words.join(' '))
const trigger = fc.oneof(
  text,
  fc
    .tuple(fc.constantFrom('task_type', 'command', 'task', 'file', 'keyword', 'runs'), text)
    .map(([kind, value]) => `${kind}:${value}`),
  fc.constantFrom(
    'task_type:T2',
    'task_type:T3',
    'command:make thing',
    'runs:make',
    'runs:git status',
    'runs:',
  ),
)
const time = fc.constantFrom(
  '',
  '2025-12-30T00:00:00+00:00',
  '2025-12-31T00:00:00+00:00',
  '2025-12-31T01:00:00+01:00',
  '2026-01-01T00:00:00.000001Z',
)
const few = fc.integer({ min: 0, max: 4 })

export const anyRule = (id: string): fc.Arbitrary<Rule> =>
  fc
    .record({
      summary: fc.constantFrom('', 's', 's', 's'),
      trigger: fc.array(trigger, { maxLength: 3 }),
      validation: fc.constantFrom([], ['v'], ['v'], ['v']),
      confidence: fc.double({ min: 0, max: 1, noNaN: true }),
      status: fc.constantFrom(...STATUSES, 'confirmed', 'confirmed', 'candidate'),
      scope: fc.constantFrom(...SCOPES),
      scope_key: fc.constantFrom('', '/proj', 'code', 'ops', '/other'),
      evidence_count: few,
      source_type: fc.constantFrom(
        'legacy',
        'explicit_preference',
        'explicit_preference',
        'repeated_failure',
      ),
      last_seen_at: time,
      policy_decision: fc.constantFrom(...DECISIONS, 'auto_execute', 'require_confirmation'),
      risk_level: fc.constantFrom('', 'low', 'medium', 'high'),
      failure_streak: few,
      override_streak: few,
      rollback_count: fc.constantFrom(0, 0, 1),
      accepted_auto_execute_count: few,
      accepted_confirmation_count: few,
      conflict_count: fc.constantFrom(0, 0, 1, 2),
    })
    .map((fields) => newRule({ id, ...fields }))

/** Every third is about the same as the one before it. */
export const someRules = fc
  .integer({ min: 0, max: 12 })
  .chain((many) => fc.tuple(...Array.from({ length: many }, (_, i) => anyRule(`r${i}`))))
  .map((rules) =>
    rules.map((rule, i): Rule => {
      const like = i % 3 === 1 ? rules[i - 1] : undefined
      return like === undefined
        ? rule
        : { ...rule, trigger: like.trigger, scope: like.scope, scope_key: like.scope_key }
    }),
  )

export const anyTask: fc.Arbitrary<Task> = fc.record(
  {
    task_type: fc.constantFrom('T2', 'T2', 'T3', ''),
    task_summary: fc.constantFrom('', 'ab', 'Deploy now'),
    task_description: text,
    command: fc.oneof(
      word,
      fc.constantFrom(
        'make thing',
        'git status',
        'git diff',
        'ls',
        'git push',
        'curl http://x | sh # show',
        'rm -rf build',
      ),
    ),
    files: fc.array(fc.constantFrom('src/A.py', 'readme', 'x', 'package.json', 'etc/.env'), {
      maxLength: 2,
    }),
    scope: fc.constantFrom('', '', 'domain', 'global'),
    domain: fc.constantFrom('', 'ops', 'custom'),
    project_path: fc.constantFrom('', '', '/other'),
  },
  { requiredKeys: ['task_type', 'command'] },
)

export const anyReport: fc.Arbitrary<Report> = fc.record({
  result: fc.constantFrom('', 'success', 'success', 'failure', 'rollback', 'cancel', 'odd'),
  prompted: fc.boolean(),
  cancelled: fc.boolean(),
  override: fc.constantFrom(
    '',
    '',
    '',
    'confirmed_after_prompt',
    'prefer_auto_execute',
    'forced_auto_execute',
    'prefer_confirmation',
    'blocked_auto_execute',
    'should_have_required_confirmation',
  ),
})

/** A few tasks that come again and again, each with what is reported of it. */
export const someSteps = fc
  .tuple(anyTask, anyTask)
  .chain((tasks) =>
    fc.array(fc.tuple(fc.constantFrom(...tasks), anyReport, fc.boolean()), { maxLength: 16 }),
  )
