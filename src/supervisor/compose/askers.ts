import { lockedAskers, type Askers } from '../../domain/approvals/askers.ts'
import { apiAskers } from '../../domain/governance/agents/askers.ts'
import { isApiAgent } from '../../domain/governance/agents/rules.ts'
import type { Clock } from '../../base/clock.ts'
import type { HistoryOf } from '../../domain/governance/actions/risk.ts'
import type { DeckContext } from './context.ts'
import type { DeckRecord } from './record.ts'

/** Who asks: agents with a lock, and those of the governance API. */
export async function composeAskers(
  { clock, settings }: Pick<DeckContext, 'clock' | 'settings'>,
  record: DeckRecord,
  boundsOf: Askers['boundsOf'],
): Promise<Askers> {
  const locked = lockedAskers(record.journal, boundsOf)
  const historyOf = settings.api.riskFromHistory ? await composeHistory(record, clock) : undefined
  const outside = apiAskers({ ...record, historyOf })
  const of = (agent: string) => (isApiAgent(agent) ? outside : locked)
  return {
    boundsOf: (agent) => of(agent).boundsOf(agent),
    riskOf: (agent, action) => of(agent).riskOf(agent, action),
    waiting: (agent) => of(agent).waiting(agent),
    since: (agent) => of(agent).since(agent),
    templateOf: (agent) => of(agent).templateOf(agent),
  }
}

/** Reads how actions went. Its code is loaded only where an operator wants that to count. */
async function composeHistory(
  { journal, store }: Pick<DeckRecord, 'journal' | 'store'>,
  clock: Clock,
): Promise<HistoryOf> {
  const [{ riskHistory }, { RecordStore }, { LedgerReader }] = await Promise.all([
    import('../../domain/governance/guard/history.ts'),
    import('../../domain/governance/records/service.ts'),
    import('../../domain/governance/ledger/read.ts'),
  ])
  const records = new RecordStore({ journal, store, clock })
  return riskHistory({ records, actions: new LedgerReader({ journal, store }), clock })
}
