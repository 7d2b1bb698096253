import type { Action } from './types.ts'

/** The command to run for an exec action: its words, or a shell if it was given as one string. */
export function wordsToRun(action: Pick<Action, 'target' | 'argv'>): string[] {
  return action.argv.length > 0 ? action.argv : ['sh', '-c', action.target]
}
