import type { Clock } from '../../../base/clock.ts'
import type { CompiledPolicies } from '../../policy/compiled.ts'
import type { Learning } from '../service.ts'
import { simulator } from './simulate.ts'
import type { PoliciesOf } from './trial.ts'
import { whyService } from '../why/why.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { eventReader } from '../../../journal/read.ts'
import type { Store } from '../../../store/open.ts'
import type { composeRuleServices } from '../compose.ts'
import type { Lease } from '../../leases/types.ts'
import type { EffectiveBounds } from '../../agents/types.ts'
import type { RuleTrialService } from './types.ts'

export interface TrialParts {
  learning: Learning
  journal: Journal
  store: Store
  clock: Clock
  read: ReturnType<typeof eventReader>
  rules: Pick<ReturnType<typeof composeRuleServices>, 'reader' | 'proposing'>
  policies: () => CompiledPolicies
  policiesOf: PoliciesOf
  leases: () => Lease[]
  standing: (agent: string) => Promise<EffectiveBounds | undefined>
}

/** What would be answered if policy were another, and why it is as it is. */
export function trialService(parts: TrialParts): {
  deck: RuleTrialService
  close(): Promise<void>
} {
  const {
    rules: {
      reader,
      proposing: { drafted },
    },
    store,
  } = parts
  const { simulate, close } = simulator({ ...parts, reader, drafted, database: store.name })
  return { deck: { simulate, why: whyService({ ...parts, reader, drafted }) }, close }
}
