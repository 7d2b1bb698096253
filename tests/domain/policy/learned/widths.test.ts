import { describe, expect, it } from 'vitest'
import { CORRECTED } from '../../../../src/domain/policy/learned/corrections.ts'
import { kindsOf, proposals } from '../../../../src/domain/policy/learned/widths.ts'
import { World } from './engine.ts'

describe('widths', () => {
  it.each<[string, string[]]>([
    ['git push origin main', ['runs:git push', 'runs:git']], ['npm run build', ['runs:npm run', 'runs:npm']], ['ls -l', ['runs:ls']], ['ls', ['runs:ls']], ['make', ['runs:make']], ['make ./a', ['runs:make']],
    ['sudo make', []], ['make; ls', []], ['make > log', []], ['A=1 make', []], ['$X make', []], ['make "', []], ['', []], ['make $(ls)', []], ['sh -c "ls"', []],
  ])('%s is one of %j', (command, triggers) => expect(kindsOf({ command }).flatMap(({ trigger }) => trigger)).toEqual(triggers))

  it('each proposal is met by the task it was made for, the wider ones by more', () => {
    const world = new World([], CORRECTED)
    const task = { task_type: 'T2', task_description: 'x', command: 'npm run build' }
    const { record } = world.look(task)
    const feedback = { result: 'success', override: 'prefer_auto_execute', decision: 'require_confirmation' as const, risk: 'medium', prompted: true }
    const made = proposals({ task, record, feedback, desired: 'auto_execute', engine: world.engine })
    expect(made.map(({ width, rule }) => [width, rule.trigger, rule.summary])).toEqual([
      ['exact', ['task_type:T2', 'command:npm run build'], 'Auto execute for x'], ['kind', ['runs:npm run'], 'Auto execute every npm run'], ['family', ['runs:npm'], 'Auto execute every npm'],
    ])
    expect(new Set(made.map(({ rule }) => rule.id)).size).toBe(3)
    const met = (command: string) => made.filter(({ rule }) => new World([{ ...rule, status: 'confirmed' }], CORRECTED).look({ ...task, command }).verdict === 'auto_execute').map(({ width }) => width)
    expect([met('npm run build'), met('npm run test'), met('npm install'), met('npm run build; make'), met('npm publish')]).toEqual([['exact', 'kind', 'family'], ['kind', 'family'], ['family'], [], []])
  })
})
