import type { StoredEvent } from '../../../journal/chain.ts'
import type { Journal } from '../../../journal/journal.ts'
import { asEvent } from '../../../journal/read.ts'
import type { Store } from '../../../store/open.ts'
import { Statements } from '../../../store/statements.ts'
import { apiAgentName } from '../agents/rules.ts'
import { ACTIVITY_OF, activityOf, IS_ACTIVITY, sortsWanted, type ActivityEvent } from './rules.ts'

/** What somebody looks for. Everything given has to hold. */
export interface ActivityQuery {
  action?: string | undefined
  resource?: string | undefined
  /** An action or a resource. */
  type?: string | undefined
  actor?: string | undefined
  agent?: string | undefined
  /** Unix milliseconds: before that, and then or later. */
  before?: number | undefined
  after?: number | undefined
}

type Values = Record<string, string | number>

/** Reads who did what in an organisation, from the journal. */
export class ActivityReader {
  readonly #journal: Journal
  readonly #statements: Statements

  constructor({ journal, store }: { journal: Journal; store: Store }) {
    this.#journal = journal
    this.#statements = new Statements(store)
  }

  /** The latest first. */
  list(
    of: { org: string; slug: string },
    query: ActivityQuery,
    { limit, offset }: { limit: number; offset: number },
  ): ActivityEvent[] {
    const { where, values } = selected(of, query)
    // Each of the two sorts is read in order, and no further than the page.
    const part = (key: string) =>
      `SELECT * FROM (SELECT * FROM event WHERE ${where} AND ${ACTIVITY_OF} = ${key}
       ORDER BY seq DESC LIMIT @upTo)`
    const sql = `${part('@org')} UNION ALL ${part('@slug')} ORDER BY seq DESC LIMIT @limit OFFSET @offset`
    return this.#statements
      .rows<StoredEvent>(sql)
      .all({ ...values, limit, offset, upTo: limit + offset })
      .map((stored) => activityOf(asEvent(stored), this.#journal.rows))
  }

  stats(
    of: { org: string; slug: string },
    query: ActivityQuery,
    today: number,
  ): { total: number; today: number; unique_actors: number } {
    const { where, values } = selected(of, query)
    const sql = `SELECT count(*) AS total, coalesce(sum(at >= @today), 0) AS today,
      count(DISTINCT actor) AS unique_actors
      FROM event WHERE ${where} AND ${ACTIVITY_OF} IN (@org, @slug)`
    const found = this.#statements
      .rows<{ total: number; today: number; unique_actors: number }>(sql)
      .get({ ...values, today })
    return found ?? { total: 0, today: 0, unique_actors: 0 }
  }
}

function selected(
  { org, slug }: { org: string; slug: string },
  { actor, agent, before, after, ...sorts }: ActivityQuery,
): { where: string; values: Values } {
  const values: Values = { org, slug: `@${slug}` }
  const terms = [IS_ACTIVITY]
  const add = (name: string, value: string | number | undefined, term: string) => {
    if (value === undefined) return
    values[name] = value
    terms.push(term)
  }
  const wanted = sortsWanted(sorts)
  if (wanted !== undefined) terms.push(wanted)
  add('before', before, 'at < @before')
  add('after', after, 'at >= @after')
  add('agent', agent === undefined ? undefined : apiAgentName(slug, agent), 'subject = @agent')
  add(
    'actor',
    actor,
    `(actor = @actor OR actor = 'key:' || @actor || '/api'
      OR substr(actor, 1, length(@actor) + 10) = 'operator:' || @actor || '/')`,
  )
  return { where: terms.join(' AND '), values }
}
