import { canonical, sha256 } from '../../base/canonical.ts'
import { literal } from '../../base/glob.ts'
import type { LeaseTerms, WholeTerms } from '../leases/types.ts'
import { missingCount, missingPeople } from '../operators/people/rules.ts'
import type { Action } from '../policy/types.ts'
import { seenDigest } from './rules.ts'
import type { Agreement, Approval, Quorum, QuorumTerms } from './types.ts'

/** Nobody has agreed yet. */
export function newQuorum(terms: QuorumTerms): Quorum {
  return settled(terms, [])
}

/** With one more agreement; an earlier one of the same operator is replaced. */
export function withAgreement(
  before: Quorum | undefined,
  terms: QuorumTerms,
  agreement: Agreement,
): Quorum {
  const others = before?.agreements.filter(({ operator }) => operator !== agreement.operator) ?? []
  return settled(terms, [...others, agreement])
}

export function withoutAgreement(before: Quorum, operator: string): Quorum {
  return settled(
    before,
    before.agreements.filter((one) => one.operator !== operator),
  )
}

function settled({ rules, starter }: QuorumTerms, agreements: Agreement[]): Quorum {
  const terms = { rules, starter }
  const group = leading(terms, agreements)
  return {
    ...terms,
    agreements,
    agreed: group.map(({ operator }) => operator),
    missing: missingPeople(rules, group, starter),
  }
}

/** The agreements to the same that are nearest to being enough; of several, the latest. */
function leading({ rules, starter }: QuorumTerms, agreements: readonly Agreement[]): Agreement[] {
  const groups = Map.groupBy(agreements, ({ digest }) => digest)
  let best: Agreement[] = []
  let least = Infinity
  for (const group of groups.values()) {
    const missing = missingCount(missingPeople(rules, group, starter))
    if (missing > least) continue
    least = missing
    best = group
  }
  return best
}

/** Stands for all of what somebody agrees to. */
export function agreementDigest(
  asked: Pick<Approval, 'id' | 'action'>,
  edited: Action | null,
  lease: WholeTerms | null,
): string {
  return sha256(canonical({ seen: seenDigest([asked]), edited, lease })).slice(0, 32)
}

/** The terms of a lease with what they leave open. */
export function wholeTerms(
  { target, agent, uses, minutes }: LeaseTerms,
  { agent: asking, action }: Pick<Approval, 'agent' | 'action'>,
): WholeTerms {
  return { target: target ?? literal(action.target), agent: agent ?? asking, uses, minutes }
}
