import type { Clock } from '../base/clock.ts'
import type { RuleTrials } from '../commands/deck.ts'
import type { Lease } from '../domain/approvals/types.ts'
import type { CompiledPolicies } from '../domain/policy/compiled.ts'
import type { Standing } from '../domain/policy/learning/replay-law.ts'
import type { Learning } from '../domain/policy/learning/service.ts'
import { simulator } from '../domain/policy/learning/simulate.ts'
import type { PoliciesOf } from '../domain/policy/learning/simulate-trial.ts'
import { whyDesk } from '../domain/policy/learning/why.ts'
import type { Journal } from '../journal/journal.ts'
import type { eventReader } from '../journal/read.ts'
import type { Store } from '../store/open.ts'
import type { ruleDesks } from './rules.ts'

export interface TrialParts {
  learning: Learning
  journal: Journal
  store: Store
  clock: Clock
  read: ReturnType<typeof eventReader>
  rules: Pick<ReturnType<typeof ruleDesks>, 'reader' | 'proposing'>
  policies: () => CompiledPolicies
  policiesOf: PoliciesOf
  leases: () => Lease[]
  standing: (agent: string) => Promise<Standing | undefined>
}

/** What would be answered if policy were another, and why it is as it is. */
export function trialDesk(parts: TrialParts): { deck: RuleTrials; close(): Promise<void> } {
  const {
    rules: {
      reader,
      proposing: { drafted },
    },
    store,
  } = parts
  const { simulate, close } = simulator({ ...parts, reader, drafted, database: store.name })
  return { deck: { simulate, why: whyDesk({ ...parts, reader, drafted }) }, close }
}
