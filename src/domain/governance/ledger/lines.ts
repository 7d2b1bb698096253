import { apiAgentName } from '../agents/rules.ts'
import type { Org } from '../orgs/types.ts'
import { ledgerId } from './noun.ts'
import { textOfPlace, type EntryPage, type PagePart, type LedgerPlace } from './pages.ts'
import type { LedgerEntry, LedgerLine, LedgerPage } from './types.ts'

const MAX_GOAL = 300
const MAX_ERROR = 200

/** Pages of several organisations as one page of all of them, the latest actions first. */
export function mergedPages(
  pages: readonly (EntryPage & { org: Org })[],
  { side, limit }: Pick<PagePart, 'side' | 'limit'>,
): LedgerPage {
  const sign = side === 'older' ? -1 : 1
  const nearer = (a: LedgerPlace, b: LedgerPlace): number => sign * (a.at - b.at || a.row - b.row)
  // Beyond where the first of them stopped looking, others may lack what that one has.
  const [horizon] = pages.flatMap(({ end }) => (end === null ? [] : [end])).toSorted(nearer)
  const all = pages
    .flatMap(({ org, found }) => found.map((placed) => ({ org, placed })))
    .filter(({ placed }) => horizon === undefined || nearer(placed, horizon) <= 0)
    .toSorted((a, b) => nearer(a.placed, b.placed))
  const shown = all.slice(0, limit)
  const end = shown.length < all.length ? shown.at(-1)?.placed : horizon
  const rows = shown.map(({ org, placed }) => ledgerLine(org, placed.entry, textOfPlace(placed)))
  return {
    rows: side === 'older' ? rows : rows.toReversed(),
    next: end === undefined ? null : textOfPlace(end),
  }
}

/** An action as lists of the deck show it. */
export function ledgerLine({ id: org, slug }: Org, entry: LedgerEntry, place = ''): LedgerLine {
  const { action } = entry
  const tokens = (action.tokens_in ?? 0) + (action.tokens_out ?? 0)
  return {
    id: ledgerId(org, action.action_id),
    place,
    org,
    action: action.action_id,
    agent: apiAgentName(slug, entry.agent),
    type: entry.type,
    goal: action.declared_goal.slice(0, MAX_GOAL),
    status: action.status,
    risk: action.risk_score,
    reversible: action.reversible,
    began: entry.at,
    ended: action.timestamp_end === null ? null : Date.parse(action.timestamp_end),
    cost: action.cost_estimate,
    tokens: tokens === 0 ? null : tokens,
    error: (action.error_message ?? '').slice(0, MAX_ERROR),
    approval: entry.approval,
    question: entry.question,
    parent: entry.parent,
  }
}
