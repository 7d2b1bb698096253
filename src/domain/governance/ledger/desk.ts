import { Fault } from '../../../base/fault.ts'
import type { ApiAgent } from '../agents/types.ts'
import type { actionStats } from '../actions/stats.ts'
import { traceOf, type ActionTrace } from '../actions/trace.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Store } from '../../../store/open.ts'
import type { Org, OrgService } from '../orgs/types.ts'
import type { RecordStore } from '../records/service.ts'
import type { Sums } from '../records/sums.ts'
import type { RecordQuery } from '../records/types.ts'
import { ledgerLine, mergedPages } from './lines.ts'
import { entriesFrom, placeOfText, type PageFilter, type LedgerPlace } from './pages.ts'
import type { LedgerReader } from './read.ts'
import { surroundingsOf } from './surroundings.ts'
import type { LedgerLine, LedgerPage, RecordedAction } from './types.ts'

/** An action, and what is around it. */
export interface DeskTrace {
  line: LedgerLine
  action: RecordedAction
  trace: ActionTrace
  /** What was asked; null where nobody was. An operator may have allowed something else. */
  asked: string | null
}

/** What an agent does, has left open and works on. Long texts are cut. */
export interface AgentWork {
  /** As the deck names it. */
  agent: string
  org: string
  /** As itself names it. */
  id: string
  /** What is known of it as an agent of the API; null for one that never asked there. */
  known: ApiAgent | null
  totals: ReturnType<typeof actionStats>
  /** The tokens that it told of. */
  tokens: Sums
  waiting: LedgerLine[]
  latest: LedgerLine[]
  loops: Row[]
  assumptions: Row[]
  goals: Row[]
  messages: Row[]
  handoffs: Row[]
}

type Row = Readonly<Record<string, unknown>>

/** What is looked for in the ledger, and which part of that: see `PageQuery`. */
interface DeskQuery extends Omit<PageFilter, 'words'> {
  text?: string | undefined
  from?: string | undefined
  side: 'older' | 'newer'
  limit: number
}

interface DeskParts {
  journal: Journal
  store: Store
  actions: LedgerReader
  records: RecordStore
  orgs: OrgService
}

const MOST_WORK = 50
const MOST_ACTS = 12
const MOST_HANDOFFS = 3
const MAX_TEXT = 500

/** The ledger for the people of the deck, who see every organisation. */
export class LedgerDesk {
  readonly #parts: DeskParts

  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  /**
   * Actions of agents anywhere, those that began last first. `agent` as the deck names it, or as it
   * names itself. Faults: `not.found`, `input.invalid`
   */
  page({ agent, type, status, text = '', from, side, limit }: DeskQuery): LedgerPage {
    const place = from === undefined ? undefined : requirePlace(from)
    const words = text.toLowerCase().split(/\s+/)
    const filter = { type, status, words: words.filter((word) => word !== '') }
    // The action at the place is one of those that are answered.
    const part = { from: place, side, limit: from === undefined ? limit : limit + 1 }
    const pages = this.#among(agent).map(({ org, id }) => ({
      org,
      ...entriesFrom(this.#parts.store, org.id, { filter: { ...filter, agent: id }, part }),
    }))
    const page = mergedPages(pages, part)
    return { ...page, rows: page.rows.map((line) => this.#asJudged(line)) }
  }

  /** An action of one organisation, or of the first that has one of this id. Fault `not.found` */
  show(id: string, of?: string): DeskTrace {
    const { actions, orgs } = this.#parts
    for (const org of orgs.list()) {
      const entry = of === undefined || of === org.id ? actions.entry(org.id, id) : undefined
      if (entry === undefined) continue
      const { action } = entry
      const trace = traceOf(surroundingsOf(this.#parts, org.id, action))
      const asked = actions.approvalOf(entry)?.action.target ?? null
      return { line: this.#asJudged(ledgerLine(org, entry)), action, trace, asked }
    }
    throw new Fault('not.found', `there is no action ${id} in the ledger`, {
      hint: 'clawdeck ledger list shows them.',
    })
  }

  /** Fault `not.found` */
  work(agent: string): AgentWork {
    const { records, actions, journal } = this.#parts
    const { org, id } = this.#agent(agent)
    const find = (kind: string, query: Omit<RecordQuery, 'limit'> & { limit?: number }) =>
      records.find<Row>(org.id, kind, { limit: MOST_WORK, ...query }).map(shortened)
    const acts = { agent, side: 'older' as const, limit: MOST_ACTS }
    return {
      agent,
      org: org.id,
      id,
      known: journal.rows.get<ApiAgent>('api_agent', agent) ?? null,
      totals: actions.stats(org.id, { agent: id }),
      tokens: records.sums(org.id, 'token_usage', ['agent', id]),
      waiting: this.page({ ...acts, status: 'pending_approval' }).rows,
      latest: this.page(acts).rows,
      loops: find('loop', { agent: id, status: 'open' }),
      assumptions: find('assumption', {
        agent: id,
        where: { validated: false, invalidated: false },
      }),
      goals: find('goal', { agent: id, status: 'active' }),
      messages: find('message', { where: { to_agent_id: id } }),
      handoffs: find('handoff', { agent: id, limit: MOST_HANDOFFS }),
    }
  }

  /** With the risk that the guard saw, where it asked a person; else it is what the agent said. */
  #asJudged(line: LedgerLine): LedgerLine {
    const held = this.#parts.actions.approvalOf(line)
    return held === undefined ? line : { ...line, risk: held.risk.score }
  }

  /** Where to look for the actions of an agent: in its organisation, or in all for a bare name. */
  #among(agent: string | undefined): { org: Org; id: string | undefined }[] {
    return agent?.includes('@') === true
      ? [this.#agent(agent)]
      : this.#parts.orgs.list().map((org) => ({ org, id: agent }))
  }

  /** The organisation of an agent, and its name there. */
  #agent(name: string): { org: Org; id: string } {
    const at = name.lastIndexOf('@')
    const slug = at < 0 ? 'pods' : name.slice(at + 1)
    const org = this.#parts.orgs.list().find((each) => each.slug === slug)
    if (org !== undefined) return { org, id: at < 0 ? name : name.slice(0, at) }
    throw new Fault('not.found', `there is no organisation with the slug ${slug}`, {
      hint: 'clawdeck orgs list shows them.',
    })
  }
}

function requirePlace(text: string): LedgerPlace {
  const place = placeOfText(text)
  if (place !== undefined) return place
  throw new Fault('input.invalid', 'from is not a place in the ledger', {
    hint: 'Take it from `next` of the page before.',
  })
}

/** A record with its long texts cut. */
function shortened(row: Row): Row {
  const cut = Object.entries(row).filter(([, value]) => typeof value !== 'object')
  return Object.fromEntries(
    cut.map(([name, value]) => [
      name,
      typeof value === 'string' ? value.slice(0, MAX_TEXT) : value,
    ]),
  )
}
