import { globLeaves } from '../paths.ts'
import type { Word } from '../word.ts'
import { isOwnName, SETS } from './dialects.ts'

/**
 * Why a loop over some words does more than repeat its commands: its variable is read by others, or
 * the shell has to look into folders of elsewhere.
 */
export function oddityOfLoop(name: string, words: readonly Word[]): string | undefined {
  if (!isOwnName(name)) return SETS
  return words.some(({ fromFiles, shape }) => fromFiles && globLeaves(shape) > 0)
    ? 'it looks for files that are not in the workspace'
    : undefined
}
