import { openHostKey } from '../../src/config/host-key.ts'
import { deckHome, type Home } from '../../src/config/home.ts'
import { nouns } from '../../src/commands/registry.ts'
import { apiAgentName } from '../../src/domain/governance/agents/rules.ts'
import type { RecordedAction } from '../../src/domain/governance/ledger/types.ts'
import { DEFAULT_ORG } from '../../src/domain/governance/orgs/rules.ts'
import type { LedgerStatus } from '../../src/domain/governance/types.ts'
import { HeadMark } from '../../src/journal/head-mark.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { headIn } from '../../src/journal/loss/evidence.ts'
import type { Draft } from '../../src/journal/types.ts'
import { openStore } from '../../src/store/open.ts'
import { seeded } from '../support/random.ts'
import { recordsOf, SEED_ACTOR } from './api-seed-records.ts'

const AGENTS = 50
const DAY = 24 * 60 * 60_000
const DAYS = 90
const GROUP = 1000
const ORG = DEFAULT_ORG.id
const TYPES =
  'research research research file_write file_write api_call api_call deploy message database security build test review refactor'.split(
    ' ',
  )

/** Agents of the ledger, as it names them. */
export const agentAt = (i: number): string => `agent-${String(i % AGENTS).padStart(2, '0')}`

/**
 * Writes so many actions into the journal of a deck that does not run, over the last 90 days, and
 * what comes with them: answers of the guard, loops, assumptions, decisions, tokens, goals. They are
 * folded by the deck's own nouns.
 */
export async function writeLedger(root: string, count: number): Promise<void> {
  const home: Home = deckHome({ CLAWDECK_HOME: root })
  const store = openStore(home.database)
  // How fast they are written is of no interest here; they only have to be there.
  store.pragma('synchronous = OFF')
  store.pragma('secure_delete = OFF')
  store.pragma('cache_size = -400000')
  const key = await openHostKey(home.secrets)
  const mark = new HeadMark({ path: home.headMark, key, boot: '' })
  mark.open(headIn(store), Date.now())
  const step = (DAYS * DAY) / count
  let now = Date.now() - DAYS * DAY
  const clock = { now: () => Math.floor(now), after: () => () => undefined }
  const journal = openJournal(store, { clock, nouns, path: home.database, mark })
  const random = seeded(9)
  await journal.append(() => Array.from({ length: AGENTS }, (_, i) => seen(agentAt(i))))
  for (let i = 0; i < count; i += GROUP) {
    await journal.append((next) => {
      const drafts: Draft[] = []
      for (let j = i; j < Math.min(count, i + GROUP); j++) {
        now += step
        drafts.push(...happened(j, { at: clock.now(), random, next: next + drafts.length }))
      }
      return drafts
    })
  }
  mark.close(journal.head(), Date.now())
  journal.close()
  store.pragma('wal_checkpoint(TRUNCATE)')
  store.close()
}

function seen(id: string): Draft {
  return {
    type: 'api_agent.seen',
    actor: SEED_ACTOR,
    subject: apiAgentName(DEFAULT_ORG.slug, id),
    body: { org: ORG, id, label: null },
  }
}

interface Moment {
  at: number
  random: () => number
  /** A number that nothing has yet. */
  next: number
}

/** One action in the life of a fleet: most of them end well, and leave nothing behind. */
function happened(i: number, moment: Moment): Draft[] {
  const { at, random } = moment
  const agent = agentAt(Math.floor(random() ** 1.5 * AGENTS))
  const subject = apiAgentName(DEFAULT_ORG.slug, agent)
  const status = statusOf(random())
  const action = actionOf(i, { ...moment, agent, status })
  // Every eighth one is told before it runs, and reported later, as clients do it.
  const isReported = i % 8 === 0 && (status === 'completed' || status === 'failed')
  const recorded: Draft = {
    type: 'ledger.recorded',
    actor: SEED_ACTOR,
    subject,
    body: {
      org: ORG,
      approval: '',
      question: `act_q${i}`,
      action: isReported ? { ...action, status: 'running', timestamp_end: null } : action,
    },
  }
  const change = { status, timestamp_end: action.timestamp_end, updated_at: action.created_at }
  const reported: Draft = {
    type: 'ledger.reported',
    actor: SEED_ACTOR,
    subject,
    body: { org: ORG, id: action.action_id, change },
  }
  const made = recordsOf(i, { at, action, next: moment.next })
  return [recorded, ...(isReported ? [reported] : []), ...made.map((of) => ({ ...of, subject }))]
}

function statusOf(chance: number): LedgerStatus {
  if (chance < 0.9) return 'completed'
  if (chance < 0.96) return 'failed'
  if (chance < 0.98) return 'blocked'
  if (chance < 0.99) return 'cancelled'
  return chance < 0.9995 ? 'running' : 'pending_approval'
}

interface Told extends Moment {
  agent: string
  status: LedgerStatus
}

function actionOf(i: number, { at, random, agent, status }: Told): RecordedAction {
  const start = new Date(at).toISOString()
  const isOver = status === 'completed' || status === 'failed' || status === 'cancelled'
  const risk = Math.min(100, Math.floor(random() ** 2 * 101))
  return {
    action_id: `act_${i.toString(36).padStart(6, '0')}`,
    agent_id: agent,
    agent_name: null,
    swarm_id: i % 5 === 0 ? `swarm-${i % 4}` : null,
    parent_action_id: i % 20 === 19 ? `act_${(i - 7).toString(36).padStart(6, '0')}` : null,
    action_type: TYPES[Math.floor(random() * TYPES.length)] as string,
    declared_goal: `Look into part ${(i * 7919) % 10_007} and write down what was found`,
    status,
    reversible: random() < 0.8,
    risk_score: risk,
    confidence: 50 + (i % 50),
    systems_touched: i % 3 === 0 ? ['git', `service-${i % 17}`] : [],
    authorization_scope: i % 4 === 0 ? 'team' : null,
    error_message: status === 'failed' ? 'exit code 1' : null,
    duration_ms: isOver ? (i * 37) % 90_000 : null,
    cost_estimate: ((i * 31) % 1000) / 10_000,
    tokens_in: (i * 13) % 5000,
    tokens_out: (i * 17) % 2000,
    timestamp_start: start,
    timestamp_end: isOver ? start : null,
    reasoning: 'It is the next step of the plan.',
    trigger: null,
    input_summary: null,
    output_summary: isOver ? 'Done: nothing else depends on it.' : null,
    side_effects: [],
    artifacts_created: [],
    recommendation_id: null,
    recommendation_applied: false,
    recommendation_override_reason: null,
    model: 'gpt-4o',
    signature: null,
    verified: false,
    approved_by: null,
    approved_at: null,
    session_id: i % 10 === 0 ? `ses_${Math.floor(i / 2000)}` : null,
    created_at: start,
    updated_at: start,
  }
}
