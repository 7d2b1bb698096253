/**
 * Prefixes of structured triggers, all of which must hold. A trigger with none of them is a legacy
 * trigger.
 */
const TRIGGER_KINDS = ['task_type', 'command', 'task', 'file', 'keyword', 'runs'] as const
export type TriggerKind = (typeof TRIGGER_KINDS)[number]

/** A structured trigger: `task_type:T2` has the kind `task_type` and the value `T2`. */
export interface StructuredTrigger {
  kind: TriggerKind
  value: string
}

/** A trigger's kind and value; undefined for a legacy trigger. */
export function splitTrigger(trigger: string): StructuredTrigger | undefined {
  const colon = trigger.indexOf(':')
  const kind = TRIGGER_KINDS.find((name) => name.length === colon && trigger.startsWith(name))
  return kind === undefined ? undefined : { kind, value: trigger.slice(colon + 1) }
}
