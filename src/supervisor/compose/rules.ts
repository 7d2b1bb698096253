import { yielder } from '../../base/yield.ts'
import { nouns } from '../../commands/registry.ts'
import { budgetService } from '../../domain/rules/budget/service.ts'
import { composeRuleServices } from '../../domain/rules/compose.ts'
import { ruleFileService } from '../../domain/rules/files/service.ts'
import { openLearning } from '../../domain/rules/service.ts'
import { trialService, type TrialParts } from '../../domain/rules/trials/service.ts'
import { healLateNouns } from '../../journal/tables/heal.ts'
import { openReadOnly, type Store } from '../../store/open.ts'
import type { DeckContext } from './context.ts'
import type { DeckRecord } from './record.ts'

/** Learned rules in memory. They are read, and compared with the journal, once `served` resolves. */
export function composeLearning(
  { home, log, clock, parts }: DeckContext,
  { store, journal }: DeckRecord,
  served: Promise<void>,
) {
  const learning = openLearning({
    journal,
    store,
    clock,
    log,
    proven: () => served.then(() => compareRules(home.database, store, log)),
  })
  parts.defer(() => learning.close())
  return learning
}

/** On a connection of its own. */
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

type RuleContext = Pick<TrialParts, 'learning' | 'policies' | 'policiesOf' | 'leases' | 'standing'>

/** What people make of learned rules: changes, trials, files, budget. */
export function composeRules(
  { clock, parts }: DeckContext,
  { store, journal, read }: DeckRecord,
  context: RuleContext,
) {
  const { learning, policies, standing } = context
  const common = { learning, journal, store, clock, read }
  const rules = composeRuleServices(common)
  const trials = trialService({ ...common, ...context, rules })
  parts.defer(() => trials.close())
  const budget = budgetService({
    ...common,
    policies,
    standing,
    drafted: rules.proposing.drafted,
  })
  return {
    reader: rules.reader,
    retire: rules.retire,
    playbooks: rules.playbooks,
    budget,
    service: { ...rules.deck, ...trials.deck, ...ruleFileService({ ...common, yielder }) },
  }
}
