import { describe, expect, it } from 'vitest'
import {
  CORRECTED,
  ORIGINAL,
  type Correction,
  type Corrections,
} from '../../src/clawpolicy/corrections.ts'
import type { Rule, Task } from '../../src/clawpolicy/types.ts'
import { withCorrections, BASE, MK, World, says } from './engine.ts'

const ONLY_READS: Task = { task_type: 'T2', task_description: 'Look', command: 'git status' }
/** Low in either reading of risk, so that the fallback would allow it. */
const LOW_RULE: Rule = { ...BASE, trigger: ['command:git status'] }

/** What happens with one correction off and all others as they are, and with it on. */
function both<T>(
  name: Correction,
  base: Corrections,
  run: (corrections: Corrections) => T,
): [off: T, on: T] {
  return [
    run(withCorrections(base, { [name]: false })),
    run(withCorrections(base, { [name]: true })),
  ]
}

describe('corrections of risk and matching', () => {
  it('suspended-asks', () => {
    const run = (corrections: Corrections) => {
      const { verdict, fallback } = new World(
        [{ ...LOW_RULE, status: 'suspended' }],
        corrections,
      ).look(ONLY_READS)
      return [verdict, fallback]
    }
    expect(both('suspended-asks', CORRECTED, run)).toEqual([
      ['auto_execute', 'first-time task; heuristic fallback'],
      ['require_confirmation', 'suspended rule requires confirmation'],
    ])
    expect(both('suspended-asks', ORIGINAL, run)[1]?.[0]).toBe('require_confirmation')
  })

  it('suspended-asks: the explanation claims nothing false', () => {
    const world = (corrections: Corrections) =>
      new World([{ ...LOW_RULE, id: 's', status: 'suspended' }, LOW_RULE], corrections).look(
        ONLY_READS,
      )
    const says = (corrections: Corrections) => {
      const { verdict, record } = world(corrections)
      return [verdict, String(record.get('explanation_text')).includes('fail-closed')]
    }
    expect(both('suspended-asks', CORRECTED, says)).toEqual([
      ['auto_execute', true],
      ['auto_execute', false],
    ])
  })

  it('risk-within-evidence', () => {
    const task = { task_type: 'T2', task_description: 'x', command: 'git push origin main' }
    const run = (risk_level: string) => (corrections: Corrections) =>
      new World([{ ...BASE, trigger: ['task_type:T2'], risk_level }], corrections).look(task)
        .verdict
    expect(both('risk-within-evidence', CORRECTED, run('low'))).toEqual([
      'auto_execute',
      'require_confirmation',
    ])
    expect(both('risk-within-evidence', CORRECTED, run('high'))).toEqual([
      'auto_execute',
      'auto_execute',
    ])
  })

  it('risk-within-evidence: only an explicit yes learns a high risk', () => {
    const task = { task_type: 'T2', task_description: 'x', command: 'git push origin main' }
    const run = (override: string) => (corrections: Corrections) => {
      const world = new World([], corrections)
      world.live(task, says(override))
      return world.rules[0]?.risk_level
    }
    expect(both('risk-within-evidence', CORRECTED, run('forced_auto_execute'))).toEqual([
      'high',
      '',
    ])
    expect(both('risk-within-evidence', CORRECTED, run('confirmed_after_prompt'))).toEqual([
      'high',
      'high',
    ])
  })

  it.each<[string, string[], Task, Task]>([
    [
      'in another case',
      ['command:git branch -d x'],
      { command: 'git branch -d x' },
      { command: 'git branch -D x' },
    ],
    [
      'on two lines',
      ['command:make a make b'],
      { command: ' make a make b ' },
      { command: 'make a\nmake b' },
    ],
    [
      'only said to be it',
      ['keyword:make docs'],
      { command: 'make docs' },
      { task_description: 'make docs', command: 'make all' },
    ],
    [
      'said to be it, in the oldest form',
      ['make docs'],
      { command: 'make docs' },
      { task_summary: 'make docs', command: 'make all' },
    ],
    [
      'with a space that is none to a shell',
      ['command:make a'],
      { command: '\n make a\t' },
      { command: 'make a\u00a0' },
    ],
    [
      'ending in a space',
      ['command:make a\\ '],
      { command: 'make a\\  ' },
      { command: 'make a\\' },
    ],
    [
      'of the same summary',
      ['task:tidy'],
      { task_summary: 'Tidy' },
      { task_summary: 'Tidy', command: 'make all' },
    ],
  ])('allowing-is-exact: no other command, %s', (_, trigger, same, other) => {
    const run = (task: Task) => (corrections: Corrections) =>
      new World([{ ...BASE, trigger }], corrections).look(task).matched.length
    expect(both('allowing-is-exact', CORRECTED, run(same))).toEqual([1, 1])
    expect(both('allowing-is-exact', CORRECTED, run(other))).toEqual([1, 0])
    const asks = new World(
      [{ ...BASE, trigger, policy_decision: 'require_confirmation' }],
      CORRECTED,
    )
    expect(asks.look(other).matched).toHaveLength(1)
  })

  it('allowing-is-exact: what is learned keeps its case', () => {
    const run = (corrections: Corrections) => {
      const world = new World([], corrections)
      world.live({ ...MK, command: 'make  A' }, says('confirmed_after_prompt'))
      return world.rules[0]?.trigger[1]
    }
    expect(both('allowing-is-exact', CORRECTED, run)).toEqual(['command:make a', 'command:make  A'])
  })

  it.each<[string, boolean, boolean]>([
    ['git push', true, true],
    ['git push origin main', true, true],
    ['git push && git push --tags', true, true],
    ['git push; make x', false, true],
    ['sudo git push', false, true],
    ['A=1 git push', false, true],
    ['git push > log', false, true],
    ['git push $(make x)', false, true],
    ['/opt/git push', false, true],
    ['sh -c "git push"', false, true],
    ['make x | git push', false, true],
    ['git status', false, false],
    ['echo git push', false, false],
    ['git -c a=b push', false, true],
    ['\u00a0git push', false, false],
    ['/usr/bin/git -C x push', false, true],
  ])('kinds-of-commands: %s', (command, allowed, asked) => {
    const met =
      (policy_decision: 'auto_execute' | 'require_confirmation') => (corrections: Corrections) =>
        new World([{ ...BASE, trigger: ['runs:git push'], policy_decision }], corrections).look({
          task_type: 'T2',
          command,
        }).matched.length > 0
    expect(both('kinds-of-commands', CORRECTED, met('auto_execute'))).toEqual([false, allowed])
    expect(both('kinds-of-commands', CORRECTED, met('require_confirmation'))).toEqual([
      false,
      asked,
    ])
  })

  it('feedback-fits-decision', () => {
    const run = (corrections: Corrections) => {
      const world = new World([], corrections)
      const { id } = world.decide({ ...MK, project_path: '/p2' })
      world.report(
        { ...MK, command: 'make evil', scope: 'global' },
        { ...says('confirmed_after_prompt'), decisionId: id },
      )
      return world.rules.map(({ trigger, scope, scope_key }) => [trigger[1], scope, scope_key])
    }
    expect(both('feedback-fits-decision', CORRECTED, run)).toEqual([
      [['command:make evil', 'global', '']],
      [['command:make thing', 'project', '/p2']],
    ])
  })
})
