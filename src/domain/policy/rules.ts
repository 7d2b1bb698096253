import type { Action } from './types.ts'

/** The words that carry out an exec action: its own, or a shell for what only a shell understands. */
export function wordsToRun(action: Pick<Action, 'target' | 'argv'>): string[] {
  return action.argv.length > 0 ? action.argv : ['sh', '-c', action.target]
}
