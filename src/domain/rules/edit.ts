import { Fault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import { DOMAINS } from '../../clawpolicy/scope.ts'
import { ASK, AUTO, type Rule } from '../../clawpolicy/types.ts'
import { moved } from './stored.ts'
import type { RuleRecord, RuleEdit, StoredRule } from './types.ts'

/** What makes a rule be about something else. */
const ABOUT = ['trigger', 'policy_decision', 'scope', 'scope_key'] as const

/**
 * A rule as an operator changes it. One that is now about something else has to be confirmed again, and to earn it anew.
 * `at` is ISO 8601. Faults: `input.invalid`.
 */
export function edited(
  kept: RuleRecord,
  edit: RuleEdit,
  { at, endsAt }: { at: string; endsAt: (days: number | null) => number | null },
): StoredRule {
  const change = changeOf(kept, edit)
  if (Object.keys(change).length === 0 && edit.days === undefined)
    throw new Fault('input.invalid', `nothing of ${kept.rule.id} would change`, {
      hint: 'Say what: --summary, --trigger, --decision, --scope with --key, or --days.',
    })
  const other = ABOUT.some((key) => key in change)
  const restart: Partial<Rule> =
    other && (kept.rule.status === 'confirmed' || kept.rule.status === 'suspended')
      ? {
          status: 'candidate',
          suspension_reason: '',
          failure_streak: 0,
          override_streak: 0,
          conflict_count: 0,
          last_lifecycle_event_at: at,
        }
      : {}
  const stored = moved(kept, { ...change, ...restart })
  return edit.days === undefined ? stored : { ...stored, expiresAt: endsAt(edit.days) }
}

/** What an edit changes, in the fields of the files. */
function changeOf(
  { rule }: RuleRecord,
  { summary, trigger, decision, scope, scopeKey }: RuleEdit,
): Partial<Rule> {
  const wanted: Partial<Rule> = {
    ...(summary === undefined ? {} : { summary: plain(summary, 500) }),
    ...(trigger === undefined ? {} : { trigger: triggers(trigger) }),
    ...(decision === undefined ? {} : { policy_decision: decision === 'allow' ? AUTO : ASK }),
    ...(scope === undefined && scopeKey === undefined
      ? {}
      : whereTo(rule, scope ?? rule.scope, scopeKey)),
  }
  return Object.fromEntries(
    Object.entries(wanted).filter(
      ([key, value]) => JSON.stringify(rule[key as keyof typeof rule]) !== JSON.stringify(value),
    ),
  )
}

function triggers(trigger: readonly string[]): string[] {
  if (trigger.length === 0 || trigger.some((text) => text.trim() === ''))
    throw new Fault('input.invalid', 'a rule needs a trigger, and none of them empty', {
      hint: 'As command:npm run build, runs:git push or task_type:exec.',
    })
  return [...trigger]
}

/** A key stays only within its scope: an agent's name is no kind of work. */
function whereTo(
  rule: Pick<Rule, 'scope' | 'scope_key'>,
  scope: Rule['scope'],
  key: string | undefined,
): Pick<Rule, 'scope' | 'scope_key'> {
  if (scope === 'global') return { scope, scope_key: '' }
  const scope_key = (key ?? (scope === rule.scope ? rule.scope_key : '')).trim()
  if (scope_key === '')
    throw new Fault(
      'input.invalid',
      `a rule for ${scope === 'project' ? 'an agent' : 'a kind of work'} needs to know which`,
      {
        hint:
          scope === 'project'
            ? 'Add --key with the name of an agent.'
            : `Add --key with one of ${kinds()}.`,
      },
    )
  if (scope === 'domain' && !DOMAINS.has(scope_key))
    throw new Fault('input.invalid', `${plain(scope_key, 80)} is no kind of work`, {
      hint: `There are ${kinds()}.`,
    })
  return { scope, scope_key }
}

const kinds = () => [...DOMAINS].join(', ')

/** The first of these rules with the evidence of all of them. They must say the same, in the same place. Faults: `not.possible`. */
export function merged(all: readonly RuleRecord[]): {
  into: RuleRecord
  others: RuleRecord[]
  stored: StoredRule
} {
  const [into, ...others] = all
  if (
    into === undefined ||
    others.length === 0 ||
    new Set(all.map(({ rule }) => rule.id)).size < all.length
  )
    throw new Fault('not.possible', 'a merge takes two rules or more, each once', {
      hint: 'clawdeck policy merge <keeps> <goes> …',
    })
  for (const { rule } of others) agrees(into.rule, rule)
  const sum = (
    key: 'evidence_count' | 'accepted_auto_execute_count' | 'accepted_confirmation_count',
  ) => all.reduce((n, { rule }) => n + rule[key], 0)
  const stored = moved(into, {
    evidence_count: sum('evidence_count'),
    accepted_auto_execute_count: sum('accepted_auto_execute_count'),
    accepted_confirmation_count: sum('accepted_confirmation_count'),
  })
  return { into, others, stored }
}

function agrees(into: RuleRecord['rule'], other: RuleRecord['rule']): void {
  if (
    other.policy_decision !== into.policy_decision ||
    other.scope !== into.scope ||
    other.scope_key !== into.scope_key
  ) {
    throw new Fault(
      'not.possible',
      `${other.id} does not say the same as ${into.id}, or holds elsewhere`,
      { hint: 'Edit one of them first; what is merged must agree in decision and scope.' },
    )
  }
  if (other.status === 'confirmed' && into.status !== 'confirmed')
    throw new Fault('not.possible', `${other.id} is confirmed and ${into.id} is not`, {
      hint: `Name ${other.id} first, or confirm ${into.id}.`,
    })
}

/** A rule that is there already, on a person's word once more. Its past stays its own. */
export function again(
  before: RuleRecord,
  {
    summary,
    validation,
    risk_level,
    confidence,
    status,
    last_seen_at,
    last_lifecycle_event_at,
  }: Rule,
): StoredRule {
  return moved(before, {
    summary,
    validation,
    risk_level,
    status,
    last_seen_at,
    last_lifecycle_event_at,
    confidence: Math.max(before.rule.confidence, confidence),
    evidence_count: before.rule.evidence_count + 1,
    suspension_reason: '',
    failure_streak: 0,
    override_streak: 0,
    conflict_count: 0,
  })
}
