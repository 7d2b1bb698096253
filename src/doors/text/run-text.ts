import { plain } from '../../base/text.ts'
import type { Approval } from '../../domain/approvals/types.ts'

/** All of what an approval would let run, with marks for what cannot be seen. */
export function runText({ action }: Pick<Approval, 'action'>): string {
  return plain(action.target, Infinity)
}

/** Where it would run; '' if the agent did not say. */
export function placeText({ action }: Pick<Approval, 'action'>): string {
  return action.cwd === '' ? '' : `in ${plain(action.cwd, Infinity)}`
}
