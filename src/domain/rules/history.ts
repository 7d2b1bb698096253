import type { DeckEvent } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import type { RuleMoment } from './types.ts'

/** Events that always change a rule's state, and those that may. */
const MOVES = [
  'rule.confirmed',
  'rule.suspended',
  'rule.resumed',
  'rule.archived',
  'rule.restored',
  'rule.expired',
]
const POSSIBLE_MOVES = ['rule.added', 'rule.edited', 'rule.imported']

const list = (types: readonly string[]) => types.map((type) => `'${type}'`).join(', ')
/** New rules count as moves only if they are confirmed. */
const IS_MOVE = `(type IN (${list(MOVES)}) OR (type IN (${list(POSSIBLE_MOVES)}) AND coalesce(body ->> '$.from', '') <> body ->> '$.stored.rule.status' AND (body ->> '$.from' IS NOT NULL OR body ->> '$.stored.rule.status' = 'confirmed')))`

const MAX_OF_RULE = 200

interface EventRow {
  seq: number
  at: number
  actor: string
  type: string
  body: string
}

/** What happened to rules, latest first. */
export function ruleHistory(store: Store): {
  /** Changes of state of all rules. */
  moves(limit: number): RuleMoment[]
  /** All events of one rule. */
  of(rule: string): RuleMoment[]
} {
  const moves = store.prepare<[number], EventRow>(
    `SELECT * FROM event WHERE ${IS_MOVE} ORDER BY seq DESC LIMIT ?`,
  )
  const ofRule = store.prepare<[string, number], EventRow>(
    `SELECT * FROM event WHERE type >= 'rule.' AND type < 'rule/' AND body ->> '$.stored.rule.id' = ? ORDER BY seq DESC LIMIT ?`,
  )
  return {
    moves: (limit) => moves.all(limit).map(toMoment),
    of: (rule) => ofRule.all(rule, MAX_OF_RULE).map(toMoment),
  }
}

function toMoment({ seq, at, actor, type, body }: EventRow): RuleMoment {
  const { stored, from, because, of, outcome } = JSON.parse(body) as DeckEvent<'rule.added'>['body']
  return {
    seq,
    at,
    actor,
    type: type as RuleMoment['type'],
    rule: stored.rule.id,
    from,
    to: stored.rule.status,
    because,
    of,
    outcome,
  }
}
