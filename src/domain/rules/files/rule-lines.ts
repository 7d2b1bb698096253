import type { DeckEvent } from '../../../journal/types.ts'
import type { Json } from '../../../clawpolicy/files/json.ts'
import { FeedbackInterpreter } from '../../../clawpolicy/evidence/interpret.ts'
import { ARCHIVE_SWEEP } from '../../../clawpolicy/evidence/evidence.ts'
import { writeEvent } from '../../../clawpolicy/files/write.ts'
import { newEvent } from '../../../clawpolicy/files/records.ts'
import { isoTimestamp } from '../../../clawpolicy/times.ts'
import type { ExecutionMode, Rule } from '../../../clawpolicy/types.ts'
import type { RuleChange, RuleOutcome } from '../types.ts'
import type { LoggedQuestion } from './decision-lines.ts'

/** Triggers of rule events that restart the evidence: a reader of the log has to know them. */
export const RESTORED = 'restored'
export const REDEFINED = 'redefined'

const TRANSITIONS: Record<string, string> = {
  confirmed: 'rule_promoted',
  suspended: 'rule_suspended',
  archived: 'rule_archived',
}

/** The log's name for a move to another state; undefined for an update. */
export function transitionOf({
  from,
  stored: {
    rule: { status },
  },
}: RuleChange): string | undefined {
  if (from === status || status === 'hint') return undefined
  if (status === 'candidate')
    return from === 'suspended' || from === 'archived' ? 'rule_reactivated' : undefined
  return TRANSITIONS[status]
}

/** The line of a rule event. `isSameSubject`: the rule covers and decides what it did before. */
export function ruleEventLine(
  { type, at, body }: DeckEvent<'rule.added'>,
  {
    rule,
    isSameSubject,
    question,
  }: { rule: Rule; isSameSubject: boolean; question: LoggedQuestion | undefined },
): string {
  const transition = transitionOf(body)
  return writeEvent(
    newEvent({
      timestamp: body.outcome?.at ?? isoTimestamp(at * 1000),
      event_type: transition ?? 'rule_updated',
      asset_id: rule.asset_id,
      trigger_signals: [question?.action.type ?? ''],
      source_node_id: sourceOf(body, transition),
      changes: `Policy rule updated: ${rule.status} / ${rule.policy_decision}`,
      payload: new Map<string, Json>([
        ['rule_id', rule.id],
        ['status', rule.status],
        ['policy_decision', rule.policy_decision],
        ['evidence_count', rule.evidence_count],
        ['trigger', restartTrigger(type, isSameSubject) ?? triggerOf(body, transition)],
        ['scope', rule.scope],
        ['scope_key', rule.scope_key],
        ['risk_level', rule.risk_level],
      ]),
    }),
  )
}

function restartTrigger(type: string, isSameSubject: boolean): string | undefined {
  if (type === 'rule.restored') return RESTORED
  return isSameSubject || type === 'rule.added' ? undefined : REDEFINED
}

function triggerOf({ outcome, because }: RuleChange, transition: string | undefined): string {
  return transition === undefined && outcome !== null ? 'runtime_feedback' : because
}

function sourceOf({ outcome, because }: RuleChange, transition: string | undefined): string {
  if (outcome === null) return ARCHIVE_SWEEP
  return transition === undefined ? because : evidenceKind(outcome)
}

/** What kind of evidence an outcome was. */
function evidenceKind({ override, result, decision, confirmed }: RuleOutcome): string {
  return (
    new FeedbackInterpreter().evidenceOf(
      { override, result, decision: decision as ExecutionMode, risk: '', prompted: confirmed },
      new Map(),
    ) ?? ''
  )
}
