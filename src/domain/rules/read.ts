import type { Journal } from '../../journal/journal.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import { Fault } from '../../base/fault.ts'
import { Lifecycle, PROMOTION_EVIDENCE } from '../../clawpolicy/lifecycle.ts'
import { riskyRules } from '../../clawpolicy/history.ts'
import { AUTO, type Rule, type Status } from '../../clawpolicy/types.ts'
import type { RuleUse } from './noun.ts'
import { markdownOf } from './markdown.ts'
import { isOver, type RuleBook } from './rule-book.ts'
import { ruleOf } from './stored.ts'
import { outcomesOf, setbackOf, supportFor } from './support.ts'
import { domainOfTemplate } from './task.ts'
import type { RuleRecord, RuleDetail, RuleMoment, RuleRow, RuleStatus } from './types.ts'

export interface RowParts {
  book: RuleBook
  journal: Journal
  store: Store
}

/** A rule as doors see it. */
export function ruleRow(
  { book, journal }: Pick<RowParts, 'book' | 'journal'>,
  kept: RuleRecord,
): RuleRow {
  const rule = ruleOf(kept)
  const use = journal.rows.get<RuleUse>('rule_use', rule.id)
  const conflicts = rivalsOf(book, rule, MOST_RIVALS)
  return {
    id: rule.id,
    summary: rule.summary,
    status: rule.status,
    decision: saysOf(rule),
    scope: rule.scope,
    scopeKey: rule.scope_key,
    trigger: rule.trigger,
    riskLevel: rule.risk_level,
    confidence: rule.confidence,
    setback: setbackOf(kept),
    support: supportFor(kept),
    needed: PROMOTION_EVIDENCE,
    missing:
      rule.status === 'candidate'
        ? new Lifecycle().promotionBlocks(rule, {
            outcomes: outcomesOf(kept),
            conflict: conflicts.length > 0,
            risk: rule.risk_level,
          })
        : [],
    failures: rule.failure_streak,
    suspensionReason: rule.suspension_reason,
    conflicts,
    source: rule.source_type,
    by: kept.by,
    uses: use?.uses ?? 0,
    lastUsedAt: use?.lastUsedAt ?? null,
    changedAt: kept.changedAt,
    expiresAt: kept.expiresAt,
  }
}

/** Values for a list in SQL. */
function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ')
}

function saysOf({ policy_decision }: Rule): RuleRow['decision'] {
  return policy_decision === '' ? '' : policy_decision === AUTO ? 'allow' : 'ask'
}

/** Ids of confirmed rules about the same that decide otherwise. */
export function rivalsOf(book: RuleBook, rule: Rule, most = Infinity): string[] {
  return book.rivals(rule, most)
}

/** Of conflicts, a row names the first. */
const MOST_RIVALS = 20

/** Those who need a look first; within a state the latest changed. */
const BY_NEED: Record<Status, number> = {
  suspended: 0,
  candidate: 1,
  confirmed: 2,
  hint: 3,
  archived: 4,
}

export function byNeed(a: RuleRecord, b: RuleRecord): number {
  return (
    BY_NEED[a.rule.status] - BY_NEED[b.rule.status] || b.changedAt - a.changedAt || b.seq - a.seq
  )
}

/** Events that lead from one state to another; some of them only if they did. */
const MOVES = [
  'rule.confirmed',
  'rule.suspended',
  'rule.resumed',
  'rule.archived',
  'rule.restored',
  'rule.expired',
]
const MAYBE_MOVES = ['rule.added', 'rule.edited', 'rule.imported']
const MOVED = `(type IN (${quoted(MOVES)}) OR (type IN (${quoted(MAYBE_MOVES)}) AND coalesce(body ->> '$.from', '') <> body ->> '$.stored.rule.status' AND (body ->> '$.from' IS NOT NULL OR body ->> '$.stored.rule.status' = 'confirmed')))`

/** Answers about learned rules. */
export function ruleReader(parts: RowParts) {
  const { book, store } = parts
  const moves = store.prepare<[number], Stored>(
    `SELECT * FROM event WHERE ${MOVED} ORDER BY seq DESC LIMIT ?`,
  )
  const history = store.prepare<[string, number], Stored>(
    `SELECT * FROM event WHERE type >= 'rule.' AND type < 'rule/' AND body ->> '$.stored.rule.id' = ? ORDER BY seq DESC LIMIT ?`,
  )
  const row = (kept: RuleRecord) => ruleRow(parts, kept)

  function known(id: string): RuleRecord {
    const kept = book.get(id)
    if (kept === undefined)
      throw new Fault('not.found', `no rule ${id}`, { hint: '`clawdeck policy rules` shows them.' })
    return kept
  }

  /** Which rules hold for an agent. Fault `agent.unknown`. */
  function holdsFor(agent: string): (rule: Pick<Rule, 'scope' | 'scope_key'>) => boolean {
    const template = parts.journal.rows.get<{ template: string }>('agent', agent)?.template
    if (template === undefined)
      throw new Fault('agent.unknown', `no agent ${agent}`, { hint: '`clawdeck list` shows them.' })
    const keys = { project: agent, domain: domainOfTemplate(template), global: '' }
    return ({ scope, scope_key }) => scope_key === '' || scope_key === keys[scope]
  }

  const recent = (limit: number) => moves.all(limit).map(momentOf)

  return {
    known,
    row,
    recent,

    list({
      status,
      agent,
      text,
      limit,
    }: {
      status?: Status | undefined
      agent?: string | undefined
      text?: string | undefined
      limit: number
    }): RuleRow[] {
      const words =
        text
          ?.toLowerCase()
          .split(/\s+/)
          .filter((word) => word !== '') ?? []
      const holds = agent === undefined ? () => true : holdsFor(agent)
      const found = [...book.all()].filter(
        ({ rule }) =>
          (status === undefined || rule.status === status) &&
          holds(rule) &&
          words.every((word) =>
            `${rule.id} ${rule.summary} ${rule.trigger.join(' ')}`.toLowerCase().includes(word),
          ),
      )
      return found.toSorted(byNeed).slice(0, limit).map(row)
    },

    get(id: string): RuleDetail {
      const kept = known(id)
      const rule = ruleOf(kept)
      const playbooks = store
        .prepare<[], { row: string }>('SELECT row FROM playbook')
        .all()
        .map((found) => JSON.parse(found.row) as { playbook: { id: string; rules_used: string[] } })
        .filter(({ playbook }) => playbook.rules_used.includes(id))
      const { outcomes, changedAt: _, seq: __, ...stored } = kept
      return {
        row: row(kept),
        stored,
        outcomes,
        history: history.all(id, 200).map(momentOf),
        playbooks: playbooks.map(({ playbook }) => playbook.id),
        markdown: markdownOf(rule),
      }
    },

    status(now: number): RuleStatus {
      const all = [...book.all()].filter((kept) => !isOver(kept, now))
      const latest = recent(100)
      const risky = new Set(riskyRules(all.map(ruleOf)).map(({ id }) => id))
      return {
        counts: book.counts(),
        promotions: latest.filter(({ to }) => to === 'confirmed'),
        suspensions: latest.filter(({ to }) => to === 'suspended'),
        risky: all.filter(({ rule }) => risky.has(rule.id)).map(row),
        scopes: all
          .filter(
            ({ rule }) =>
              rule.scope !== 'global' &&
              (rule.status === 'confirmed' || rule.status === 'suspended'),
          )
          .map(row),
        conflicts: all
          .filter(
            (kept) => kept.rule.status !== 'archived' && rivalsOf(book, ruleOf(kept), 1).length > 0,
          )
          .map(row),
      }
    },

    risky(now: number): RuleRow[] {
      return this.status(now).risky
    },
    /** Counts by state, all five. */
    counts: () => book.counts(),
    one: (id: string) => {
      const kept = book.get(id)
      return kept === undefined || kept.rule.status === 'archived' ? null : row(kept)
    },
  }
}

interface Stored {
  seq: number
  at: number
  actor: string
  type: string
  body: string
}

function momentOf({ seq, at, actor, type, body }: Stored): RuleMoment {
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
