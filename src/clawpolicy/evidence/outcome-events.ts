import type { Feedback } from './direction.ts'
import { textField, textList } from './evidence.ts'
import type { Json, JsonObject } from '../files/json.ts'
import { newEvent, numberValue } from '../files/records.ts'
import { matchedRuleIds } from './interpret.ts'
import type { LifecycleTransition } from './transitions.ts'
import type { PolicyEvent, Rule } from '../types.ts'

/** When a feedback was applied, and the record of the decision that it is about. */
interface EventContext {
  at: string
  record: JsonObject
}

/**
 * A change of a rule as an event. `source` is the kind of evidence, or where else the change comes
 * from.
 */
export function ruleEvent(
  rule: Rule,
  transition: LifecycleTransition | undefined,
  source: string,
  { at, record }: EventContext,
): PolicyEvent {
  const { id, status, policy_decision, scope, scope_key, risk_level, asset_id } = rule
  return newEvent({
    timestamp: at,
    event_type: transition?.event ?? 'rule_updated',
    asset_id,
    trigger_signals: [textField(record, 'task_type')],
    changes: `Policy rule updated: ${status} / ${policy_decision}`,
    source_node_id: source,
    payload: new Map<string, Json>([
      ['rule_id', id],
      ['status', status],
      ['policy_decision', policy_decision],
      ['evidence_count', numberValue(rule, 'evidence_count')],
      ['trigger', transition?.reason ?? 'runtime_feedback'],
      ['scope', scope],
      ['scope_key', scope_key],
      ['risk_level', risk_level],
    ]),
  })
}

/** The outcome of a decision as an event, with the lifecycle events that it caused. */
export function outcomeEvent(
  { result, override, prompted }: Feedback,
  transitions: readonly LifecycleTransition[],
  { at, record }: EventContext,
): PolicyEvent {
  const rules = matchedRuleIds(record)
  const copied = (key: string): [string, Json] => [key, record.get(key) ?? '']
  return newEvent({
    timestamp: at,
    event_type: 'decision_outcome',
    trigger_signals: [textField(record, 'task_type')],
    changes: `Decision outcome: ${result}`,
    source_node_id: 'confirmation_policy',
    payload: new Map<string, Json>([
      copied('decision_id'),
      copied('final_decision'),
      ['user_override', override],
      ['execution_result', result],
      ['was_confirmed', prompted],
      ['rule_ids', rules],
      copied('task_summary'),
      copied('task_type'),
      copied('command'),
      ['files', textList(record.get('files'))],
      copied('risk_level'),
      copied('scope'),
      copied('scope_key'),
      ['heuristic_basis', textList(record.get('heuristic_basis'))],
      ['matched_rule_ids', [...rules]],
      copied('explanation'),
      ['rollback_happened', result === 'rollback'],
      ['lifecycle_transition', transitions.map(({ event }) => event).join(',')],
    ]),
  })
}
