import type { Question } from '../../../src/domain/policy/types.ts'

export function question(over: Partial<Question>): Question {
  return {
    type: 'exec',
    target: '',
    argv: [],
    cwd: '',
    reversible: null,
    systems: [],
    goal: '',
    scope: '',
    risk: null,
    extra: {},
    ...over,
  }
}
