import { compilePolicies } from '../../../src/domain/policy/matching/compiled.ts'
import { evaluate } from '../../../src/domain/policy/evaluate.ts'
import { normalise } from '../../../src/domain/policy/normalise.ts'
import { assessRisk } from '../../../src/domain/policy/risk/risk.ts'
import type {
  Learned,
  OperatorPolicy,
  Question,
  Verdict,
} from '../../../src/domain/policy/types.ts'
import type { Lease } from '../../../src/domain/leases/types.ts'
import type { GuardBounds } from '../../../src/domain/templates/types.ts'
import { question } from './question.ts'

/** A lock that decides nothing about these types. */
export const OPEN: GuardBounds = {
  types: ['exec', 'net', 'file'],
  block: [],
  ask: [],
  allow: [],
  maxAutoRisk: 100,
}
export const NOW = 1_800_000_000_000

/** The answer to a question under these policies. */
export function judge(
  over: Partial<Question>,
  given: {
    bounds?: Partial<GuardBounds>
    policies?: OperatorPolicy[]
    leases?: Lease[]
    learned?: Learned
    agent?: string
  } = {},
): Verdict {
  const action = normalise(question(over))
  return evaluate({
    action,
    risk: assessRisk(action),
    agent: { name: given.agent ?? 'scout', template: 'coder' },
    bounds: { ...OPEN, ...given.bounds },
    policies: compilePolicies(given.policies ?? []),
    leases: given.leases ?? [],
    learned: () => given.learned ?? { says: 'nothing', reasons: [] },
    now: NOW,
  })
}

export function lease(over: Partial<Lease> = {}): Lease {
  return {
    id: 'lea_1',
    agent: 'scout',
    type: 'exec',
    target: 'git *',
    maxRisk: 100,
    uses: 3,
    usesLeft: 2,
    grantedAt: NOW - 1000,
    expiresAt: NOW + 1000,
    grantedBy: 'operator:cli',
    state: 'active',
    ...over,
  }
}

export const policy = (
  effect: OperatorPolicy['effect'],
  over: Partial<OperatorPolicy> = {},
): OperatorPolicy => ({ id: `pol_${effect}`, effect, ...over })
