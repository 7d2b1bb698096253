import type { Clock } from '../../../base/clock.ts'
import type { Presences } from '../agents/presence.ts'
import { INVALIDATION, STALE_DAYS } from '../assumptions/rules.ts'
import type { LedgerReader } from '../ledger/read.ts'
import { WATCHED } from '../ledger/types.ts'
import type { RecordStore } from '../records/service.ts'
import { DAY, HOUR, MINUTE } from '../times.ts'
import type { Assumption, LedgerRow, LoopRow } from '../types.ts'
import { INTEL } from './intel-records.ts'
import {
  APPROVAL_BACKLOG,
  ASSUMPTION_DRIFT,
  AUTONOMY_SPIKE,
  REPEATED_FAILURES,
  STALE_RUNNING,
  WORKFLOW_STUCK,
} from './rows.ts'
import { governanceSignals } from './rules.ts'
import type {
  AgentCount,
  ConnectionFact,
  GovernanceSignal,
  IntelFact,
  SessionFact,
  SignalFacts,
} from './types.ts'

/** No type of signal shows more rows than this. */
const MOST_SHOWN = 10
const MOST_RISKY = 100
const MOST_READ = 500
const SILENCE = 10 * MINUTE

interface ReaderParts {
  actions: LedgerReader
  records: RecordStore
  presences: Presences
  clock: Clock
}

interface Asked {
  agent: string | undefined
  now: number
}

/** Computes signals, each from what an index finds of the rows that can matter. */
export class SignalReader {
  readonly #parts: ReaderParts

  constructor(parts: ReaderParts) {
    this.#parts = parts
  }

  /** The signals of an organisation as they are now, or of one of its agents; red ones first. */
  live(org: string, agent?: string | undefined): GovernanceSignal[] {
    const now = this.#parts.clock.now()
    const signals = governanceSignals(this.#facts(org, { agent, now }), now)
    return agent === undefined ? signals : signals.filter(({ agent_id: of }) => of === agent)
  }

  #facts(org: string, asked: Asked): SignalFacts {
    const { actions, records, presences } = this.#parts
    const { agent, now } = asked
    const oldest = { agent, oldest: true, limit: MOST_SHOWN }
    const ofAgent = (counts: AgentCount[]) =>
      agent === undefined ? counts : counts.filter(({ agent_id: of }) => of === agent)
    return {
      presences: presences.silentSince(org, now - SILENCE),
      actionsLastHour: ofAgent(
        actions.often(org, { from: now - HOUR, atLeast: AUTONOMY_SPIKE.amber }),
      ),
      failuresLastDay: ofAgent(
        actions.often(org, {
          from: now - DAY,
          status: 'failed',
          atLeast: REPEATED_FAILURES.amber,
        }),
      ),
      invalidationsLastWeek: ofAgent(
        records.often(org, INVALIDATION, {
          from: now - 7 * DAY,
          atLeast: ASSUMPTION_DRIFT.amber,
        }),
      ),
      actions: this.#actions(org, asked),
      loops: records.find<LoopRow>(org, 'loop', {
        ...oldest,
        status: 'open',
        before: now - 48 * HOUR,
      }),
      assumptions: records.find<Assumption>(org, 'assumption', {
        ...oldest,
        status: 'unvalidated',
        before: now - STALE_DAYS * DAY,
      }),
      connections: this.#connections(org),
      sessions: this.#sessions(org, asked),
      intel: records.find<IntelFact>(org, INTEL, { agent, from: now - HOUR, limit: MOST_READ }),
    }
  }

  #actions(org: string, { agent, now }: Asked): LedgerRow[] {
    const { actions } = this.#parts
    const oldest = { agent, oldest: true, limit: MOST_SHOWN }
    const before = (age: number) => ({ ...oldest, before: now - age })
    const found = [
      ...actions.list(org, { ...before(STALE_RUNNING.ages.amber), status: 'running' }),
      ...actions.list(org, { ...before(APPROVAL_BACKLOG.ages.amber), status: 'pending_approval' }),
      ...actions.watched(org, WATCHED.workflow, before(WORKFLOW_STUCK.ages.amber)),
      ...actions.watched(org, WATCHED.risky, { agent, limit: MOST_RISKY }),
    ]
    return [...new Map(found.map((action) => [action.action_id, action])).values()]
  }

  /**
   * What agents use. The deck stores no credentials of providers: how they stand is what the latest
   * report about a provider says.
   */
  #connections(org: string): ConnectionFact[] {
    const { records } = this.#parts
    const failed = records.find<ReportedConnection>(org, 'connection', {
      status: 'error',
      limit: MOST_READ,
    })
    if (failed.length === 0) return []
    const latest = new Map<string, string>()
    for (const { provider, updated_at: at } of failed)
      if (at > (latest.get(provider) ?? '')) latest.set(provider, at)
    return records
      .find<ReportedConnection>(org, 'connection', { status: 'active', limit: MOST_READ })
      .map(({ agent_id, provider, status, updated_at: at }) => ({
        agent_id,
        provider,
        status,
        credentials: (latest.get(provider) ?? '') > at ? 'error' : 'valid',
      }))
  }

  #sessions(org: string, { agent, now }: Asked): SessionFact[] {
    const { records, actions } = this.#parts
    return records
      .find<SessionFact>(org, 'session', {
        agent,
        status: 'running',
        before: now - 2 * HOUR,
        oldest: true,
        limit: MOST_READ,
      })
      .map((session) => ({
        ...session,
        last_activity: actions.latestOfSession(org, session.id, session.last_activity),
      }))
  }
}

interface ReportedConnection {
  agent_id: string
  provider: string
  status: string
  updated_at: string
}
