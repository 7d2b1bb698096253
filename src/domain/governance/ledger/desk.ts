import { Fault } from '../../../base/fault.ts'
import { traceOf, type ActionTrace } from '../actions/trace.ts'
import { apiAgentName } from '../agents/rules.ts'
import type { Org, OrgService } from '../orgs/types.ts'
import type { RecordStore } from '../records/service.ts'
import type { LedgerQuery, LedgerReader } from './read.ts'
import { surroundingsOf } from './surroundings.ts'
import type { RecordedAction } from './types.ts'

/** An action, with the name of its agent in the deck. */
export interface DeskAction extends RecordedAction {
  org: string
  agent: string
}

/** An action, and what is around it. */
export interface DeskTrace {
  action: DeskAction
  trace: ActionTrace
}

/** What an agent has left open and works on. */
export interface AgentWork {
  agent: string
  loops: Row[]
  assumptions: Row[]
  goals: Row[]
  messages: Row[]
  handoff: Row | null
}

type Row = Readonly<Record<string, unknown>>

interface DeskParts {
  actions: LedgerReader
  records: RecordStore
  orgs: OrgService
}

const MOST_WORK = 50

/** The ledger for the people of the deck, who see every organisation. */
export class LedgerDesk {
  readonly #parts: DeskParts

  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  /** Actions, those that began last first. `agent` as the deck names it. Fault `not.found` */
  list({
    agent,
    ...query
  }: { agent?: string | undefined } & Omit<LedgerQuery, 'agent' | 'parent'>): DeskAction[] {
    const { actions, orgs } = this.#parts
    const found = agent === undefined ? undefined : this.#agent(agent)
    const among = found === undefined ? orgs.list() : [found.org]
    return among
      .flatMap((org) =>
        actions.list(org.id, { ...query, agent: found?.id }).map((action) => named(org, action)),
      )
      .toSorted((a, b) => b.timestamp_start.localeCompare(a.timestamp_start))
      .slice(0, query.limit)
  }

  /** Fault `not.found` */
  show(id: string): DeskTrace {
    const { actions, orgs } = this.#parts
    for (const org of orgs.list()) {
      const action = actions.get(org.id, id)
      if (action === undefined) continue
      const trace = traceOf(surroundingsOf(this.#parts, org.id, action))
      return { action: named(org, action), trace }
    }
    throw new Fault('not.found', `there is no action ${id} in the ledger`, {
      hint: 'clawdeck ledger list shows them.',
    })
  }

  /** Fault `not.found` */
  work(agent: string): AgentWork {
    const { records } = this.#parts
    const { org, id } = this.#agent(agent)
    const of = (kind: string, query: object = {}) =>
      records.find<Row>(org.id, kind, { agent: id, limit: MOST_WORK, ...query })
    return {
      agent,
      loops: of('loop', { status: 'open' }),
      assumptions: of('assumption', { where: { validated: false, invalidated: false } }),
      goals: of('goal', { status: 'active' }),
      messages: records.find<Row>(org.id, 'message', {
        where: { to_agent_id: id },
        limit: MOST_WORK,
      }),
      handoff: of('handoff', { limit: 1 })[0] ?? null,
    }
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

function named({ id, slug }: Org, action: RecordedAction): DeskAction {
  return { ...action, org: id, agent: apiAgentName(slug, action.agent_id) }
}
