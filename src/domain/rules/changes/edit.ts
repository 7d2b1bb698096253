import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import { DOMAINS } from '../../../clawpolicy/matching/scope.ts'
import { ASK, AUTO, type Rule } from '../../../clawpolicy/types.ts'
import { UNSUSPENDED } from './moves.ts'
import { withChange } from '../stored.ts'
import type { RuleRecord, RuleEdit, StoredRule } from '../types.ts'

/** The fields that say what a rule covers and decides. */
const SUBJECT_FIELDS = ['trigger', 'policy_decision', 'scope', 'scope_key'] as const

/**
 * A rule after an operator's edit. If it covers or decides something else then, it has to be
 * confirmed again. `at` is ISO 8601. Faults: `input.invalid`.
 */
export function editRule(
  record: RuleRecord,
  edit: RuleEdit,
  { at, expiryAfter }: { at: string; expiryAfter: (days: number | null) => number | null },
): StoredRule {
  const change = changedFields(record, edit)
  if (Object.keys(change).length === 0 && edit.days === undefined)
    throw new Fault('input.invalid', `the edit does not change ${record.rule.id}`, {
      hint: 'Give one of --summary, --trigger, --decision, --scope with --key, --days.',
    })
  const { status } = record.rule
  const needsConfirmation =
    SUBJECT_FIELDS.some((key) => key in change) &&
    (status === 'confirmed' || status === 'suspended')
  const restart: Partial<Rule> = needsConfirmation
    ? { status: 'candidate', ...UNSUSPENDED, last_lifecycle_event_at: at }
    : {}
  const stored = withChange(record, { ...change, ...restart })
  return edit.days === undefined ? stored : { ...stored, expiresAt: expiryAfter(edit.days) }
}

/** What an edit changes, in the fields of the files. */
function changedFields(
  { rule }: RuleRecord,
  { summary, trigger, decision, scope, scopeKey }: RuleEdit,
): Partial<Rule> {
  const wanted: Partial<Rule> = {
    ...(summary === undefined ? {} : { summary: plain(summary, 500) }),
    ...(trigger === undefined ? {} : { trigger: checkedTriggers(trigger) }),
    ...(decision === undefined ? {} : { policy_decision: decision === 'allow' ? AUTO : ASK }),
    ...(scope === undefined && scopeKey === undefined
      ? {}
      : scopeFields(rule, scope ?? rule.scope, scopeKey)),
  }
  return Object.fromEntries(
    Object.entries(wanted).filter(
      ([key, value]) => JSON.stringify(rule[key as keyof typeof rule]) !== JSON.stringify(value),
    ),
  )
}

function checkedTriggers(trigger: readonly string[]): string[] {
  if (trigger.length === 0 || trigger.some((text) => text.trim() === ''))
    throw new Fault('input.invalid', 'a rule needs at least one trigger, and none may be empty', {
      hint: 'For example command:npm run build, runs:git push or task_type:exec.',
    })
  return [...trigger]
}

/** A scope key is kept only within its scope: an agent's name is not a kind of work. */
function scopeFields(
  rule: Pick<Rule, 'scope' | 'scope_key'>,
  scope: Rule['scope'],
  key: string | undefined,
): Pick<Rule, 'scope' | 'scope_key'> {
  if (scope === 'global') return { scope, scope_key: '' }
  const scope_key = (key ?? (scope === rule.scope ? rule.scope_key : '')).trim()
  if (scope_key === '') throw missingKey(scope)
  if (scope === 'domain' && !DOMAINS.has(scope_key))
    throw new Fault('input.invalid', `${plain(scope_key, 80)} is not a kind of work`, {
      hint: `Kinds of work are ${[...DOMAINS].join(', ')}.`,
    })
  return { scope, scope_key }
}

function missingKey(scope: 'project' | 'domain'): Fault {
  return scope === 'project'
    ? new Fault('input.invalid', 'a rule for one agent needs its name', {
        hint: 'Add --key with the name of an agent.',
      })
    : new Fault('input.invalid', 'a rule for a kind of work needs its name', {
        hint: `Add --key with one of ${[...DOMAINS].join(', ')}.`,
      })
}

/**
 * The first of these rules with the evidence of all of them. They must have the same decision and
 * scope. Faults: `not.possible`.
 */
export function mergedRule(records: readonly RuleRecord[]): {
  into: RuleRecord
  others: RuleRecord[]
  stored: StoredRule
} {
  const [into, ...others] = records
  const ids = new Set(records.map(({ rule }) => rule.id))
  if (into === undefined || others.length === 0 || ids.size < records.length)
    throw new Fault('not.possible', 'a merge needs at least two different rules', {
      hint: 'clawdeck policy merge <keeps> <goes> …',
    })
  for (const { rule } of others) refuseDifferent(into.rule, rule)
  const sum = (
    key: 'evidence_count' | 'accepted_auto_execute_count' | 'accepted_confirmation_count',
  ) => records.reduce((total, { rule }) => total + rule[key], 0)
  const stored = withChange(into, {
    evidence_count: sum('evidence_count'),
    accepted_auto_execute_count: sum('accepted_auto_execute_count'),
    accepted_confirmation_count: sum('accepted_confirmation_count'),
  })
  return { into, others, stored }
}

function refuseDifferent(into: RuleRecord['rule'], other: RuleRecord['rule']): void {
  if (
    other.policy_decision !== into.policy_decision ||
    other.scope !== into.scope ||
    other.scope_key !== into.scope_key
  )
    throw new Fault('not.possible', `${other.id} has another decision or scope than ${into.id}`, {
      hint: 'Edit one of them first: merged rules must have the same decision and scope.',
    })
  if (other.status === 'confirmed' && into.status !== 'confirmed')
    throw new Fault('not.possible', `${other.id} is confirmed and ${into.id} is not`, {
      hint: `Name ${other.id} first, or confirm ${into.id}.`,
    })
}

/** An existing rule that a person proposes again. Its history stays. */
export function confirmAgain(before: RuleRecord, proposed: Rule): StoredRule {
  const { summary, validation, risk_level, confidence, status } = proposed
  return withChange(before, {
    summary,
    validation,
    risk_level,
    status,
    last_seen_at: proposed.last_seen_at,
    last_lifecycle_event_at: proposed.last_lifecycle_event_at,
    confidence: Math.max(before.rule.confidence, confidence),
    evidence_count: before.rule.evidence_count + 1,
    ...UNSUSPENDED,
  })
}
