import { canonical, sha256 } from '../../base/canonical.ts'
import type { Confirmation } from '../../base/confirmation.ts'
import { plain } from '../../base/text.ts'
import type { Action } from '../policy/types.ts'
import type { Approval } from './types.ts'

/** 16 hex digits that are equal for the same agent, type and target. */
export function fingerprint(agent: string, action: Pick<Action, 'type' | 'target'>): string {
  return sha256(JSON.stringify([agent, action.type, action.target])).slice(0, 16)
}

/** Why an approval expired whose time was over. */
export const NOBODY_DECIDED = 'nobody decided in time'

/** Why something is not possible with an approval, in words for a person, or nothing. */
export const approvalCan = {
  decide(a: Approval): string | undefined {
    if (a.state === 'pending' && a.heldSince !== undefined)
      return `${a.agent} is frozen: thaw it first (U)`
    return approvalCan.read(a)
  },
  /** To read all of what waits. */
  read({ state, by }: Approval): string | undefined {
    return state === 'pending' ? undefined : `already ${state}${by === '' ? '' : ` by ${by}`}`
  },
}

/** From this risk on, a yes takes a second, different key or word. */
export const HIGH_RISK = 70

/** What a yes is about: who asks for what, and the risk of what will run. */
type Allowed = Pick<Approval, 'id' | 'agent' | 'action'> & { risk: { score: number } }

/**
 * What a person confirms to allow these: that all of it was seen whole, the greatest risk where it
 * is high, and how many there are where it is more than one. `runs` is what will run where it was
 * edited.
 */
export function confirmationsToAllow(
  approvals: readonly Allowed[],
  runs: readonly Allowed[] = approvals,
): Confirmation[] {
  const [first] = runs
  if (first === undefined) return []
  const worst = runs.reduce((a, b) => (b.risk.score > a.risk.score ? b : a), first)
  const { score } = worst.risk
  return [
    { what: 'seen', value: seenDigest(approvals), text: runs.map(wholeText).join('\n') },
    ...(score < HIGH_RISK
      ? []
      : [confirmation('risk', score, `risk ${score}: ${wholeText(worst)}`)]),
    ...(approvals.length === 1
      ? []
      : [
          confirmation(
            'count',
            approvals.length,
            `${approvals.length} at once, the worst at risk ${score}`,
          ),
        ]),
  ]
}

function confirmation(what: Confirmation['what'], value: number, text: string): Confirmation {
  return { what, value: String(value), text }
}

/** 16 hex digits that stand for all of what was shown, in any order. */
export function seenDigest(approvals: readonly Pick<Approval, 'id' | 'action'>[]): string {
  const shown = approvals.map(({ id, action }) => [id, action]).toSorted()
  return sha256(canonical(shown)).slice(0, 16)
}

/** All of what an agent wants, on one line, with marks for what cannot be seen. */
export function wholeText({ agent, action }: Pick<Approval, 'agent' | 'action'>): string {
  const where = action.cwd === '' ? '' : ` in ${action.cwd}`
  return plain(`${agent} wants: ${action.type} ${action.target}${where}`, Infinity)
}
