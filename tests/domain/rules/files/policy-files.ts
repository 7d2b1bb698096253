import { jsonObject, type Json } from '../../../../src/clawpolicy/files/json.ts'
import { newEvent, newRule } from '../../../../src/clawpolicy/files/records.ts'
import { writeEvent, writeRules } from '../../../../src/clawpolicy/files/write.ts'
import type { Rule } from '../../../../src/clawpolicy/types.ts'

/** A confirmed rule that allows `make <id>`. */
export const allowRule = (id: string, more: Partial<Rule> = {}) =>
  newRule({
    id,
    summary: 's',
    trigger: ['task_type:exec', `command:make ${id}`],
    status: 'confirmed',
    policy_decision: 'auto_execute',
    validation: ['v'],
    evidence_count: 3,
    source_type: 'explicit_preference',
    ...more,
  })

/** The text of a `rules.json`. */
export const rulesText = (...rules: Rule[]) =>
  writeRules(new Map(rules.map((rule) => [rule.id, rule])))

/** `many` rules with this summary. */
export const manyRules = (many: number, summary: string) =>
  rulesText(...Array.from({ length: many }, (_, i) => allowRule(`r${i}`, { summary })))

interface LogLine {
  type: string
  payload: Record<string, Json>
  source?: string
  second?: number
}

/** A line of a `policy_events.jsonl`. */
export const logLine = ({ type, payload, source = 'explicit_correction', second = 0 }: LogLine) =>
  writeEvent(
    newEvent({
      timestamp: `2026-01-01T00:00:0${second}+00:00`,
      event_type: type,
      source_node_id: source,
      payload: jsonObject(payload),
    }),
  )

/** The line of an approved and successful action that the rule `r` took part in. */
export const outcomeAt = (second: number, more: Record<string, Json> = {}) =>
  logLine({
    type: 'decision_outcome',
    source: 'confirmation_policy',
    second,
    payload: {
      decision_id: `d${second}`,
      final_decision: 'require_confirmation',
      user_override: 'confirmed_after_prompt',
      execution_result: 'success',
      was_confirmed: true,
      rule_ids: ['r'],
      matched_rule_ids: ['r'],
      ...more,
    },
  })
