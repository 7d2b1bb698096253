import { yielder } from '../../base/yield.ts'
import { nouns } from '../../commands/registry.ts'
import { AttentionBudget } from '../../domain/rules/budget/service.ts'
import { composeRuleServices } from '../../domain/rules/compose.ts'
import { ruleFileService } from '../../domain/rules/files/service.ts'
import { Learning } from '../../domain/rules/learning/learning.ts'
import { ruleTrialService } from '../../domain/rules/trials/service.ts'
import { Simulator, type SimulatorParts } from '../../domain/rules/trials/simulate.ts'
import type { WhyParts } from '../../domain/rules/why/why.ts'
import { healLateNouns } from '../../journal/tables/heal.ts'
import { openReadOnly, type Store } from '../../store/open.ts'
import type { DeckContext } from './context.ts'
import type { DeckRecord } from './record.ts'

/** The learned rules. They are compared with the journal, and read, once `served` resolves. */
export function composeLearning(
  { home, log, clock, parts }: DeckContext,
  { store, journal }: DeckRecord,
  served: Promise<void>,
): Learning {
  return parts.use(
    new Learning({
      journal,
      store,
      clock,
      log,
      verified: () => served.then(() => compareRules(home.database, store, log)),
    }),
  )
}

/** Uses its own connection. */
async function compareRules(
  database: string,
  store: Store,
  log: (what: string) => void,
): Promise<void> {
  const beside = openReadOnly(database)
  try {
    await healLateNouns({ store, nouns, log, beside })
  } finally {
    beside.close()
  }
}

type RuleContext = Pick<WhyParts, 'learning' | 'policies' | 'leases' | 'boundsOf'> &
  Pick<SimulatorParts, 'readPolicies'>

/** The services of learned rules: changes, trials, files, budget. */
export function composeRules(
  { clock, parts }: DeckContext,
  { store, journal, read }: DeckRecord,
  context: RuleContext,
) {
  const common = { learning: context.learning, journal, store, clock, read }
  const rules = composeRuleServices(common)
  const { reader, proposals } = rules
  const using = { ...common, ...context, reader, proposedRule: proposals.proposedRule }
  const simulator = parts.use(new Simulator({ ...using, database: store.name }))
  const budget = parts.use(new AttentionBudget(using))
  return {
    reader,
    playbooks: rules.playbooks,
    budget,
    retire: (agent: string, actor: string) => rules.changes.retire(agent, actor),
    retireBefore: (time: number, actor: string) => rules.changes.retireBefore(time, actor),
    service: {
      ...rules.service,
      ...ruleTrialService(simulator, using),
      ...ruleFileService({ ...common, yielder }),
    },
  }
}
