import type { Journal } from '../../journal/journal.ts'
import { Lifecycle, PROMOTION_EVIDENCE } from '../../clawpolicy/evidence/lifecycle.ts'
import type { Rule, Status } from '../../clawpolicy/types.ts'
import type { RuleUse } from './noun.ts'
import type { RuleBook } from './rule-book.ts'
import { toRule } from './stored.ts'
import { outcomesOf, setbackOf, supportFor } from './learning/support.ts'
import { effectOfRule } from './texts.ts'
import type { RuleRecord, RuleRow } from './types.ts'

/** Conflicts that a row names. */
const MAX_CONFLICTS = 20

/** A rule as doors show it. */
export function ruleRow(
  { book, journal }: { book: RuleBook; journal: Journal },
  record: RuleRecord,
): RuleRow {
  const rule = toRule(record)
  const use = journal.rows.get<RuleUse>('rule_use', rule.id)
  const conflicts = book.opposing(rule, MAX_CONFLICTS)
  return {
    id: rule.id,
    summary: rule.summary,
    status: rule.status,
    decision: effectOfRule(rule),
    scope: rule.scope,
    scopeKey: rule.scope_key,
    trigger: rule.trigger,
    riskLevel: rule.risk_level,
    confidence: rule.confidence,
    setback: setbackOf(record),
    support: supportFor(record),
    needed: PROMOTION_EVIDENCE,
    missing: missingFor(rule, record, conflicts.length > 0),
    failures: rule.failure_streak,
    suspensionReason: rule.suspension_reason,
    conflicts,
    source: rule.source_type,
    by: record.by,
    uses: use?.uses ?? 0,
    lastUsedAt: use?.lastUsedAt ?? null,
    changedAt: record.changedAt,
    expiresAt: record.expiresAt,
  }
}

/** What a candidate lacks to be confirmed. */
function missingFor(rule: Rule, record: RuleRecord, conflict: boolean): string[] {
  if (rule.status !== 'candidate') return []
  const outcomes = outcomesOf(record)
  return new Lifecycle().promotionBlocks(rule, { outcomes, conflict, risk: rule.risk_level })
}

const ATTENTION: Record<Status, number> = {
  suspended: 0,
  candidate: 1,
  confirmed: 2,
  hint: 3,
  archived: 4,
}

/** Rules that need an operator's attention first; within a state, the last changed first. */
export function byRuleAttention(a: RuleRecord, b: RuleRecord): number {
  return (
    ATTENTION[a.rule.status] - ATTENTION[b.rule.status] ||
    b.changedAt - a.changedAt ||
    b.seq - a.seq
  )
}
