/**
 * What records of a kind belong to: the field that names it. Records are found by it without
 * reading all of the kind.
 */
const PARENT_FIELDS: Readonly<Record<string, string>> = {
  assumption: 'action_id',
  context_entry: 'thread_id',
  compliance_export: 'schedule_id',
  compliance_snapshot: 'framework',
  evaluation: 'action_id',
  feedback: 'action_id',
  knowledge_item: 'collection_id',
  loop: 'action_id',
  message: 'from_agent_id',
  message_receipt: 'message_id',
  profile_score: 'profile_id',
  prompt_run: 'template_id',
  prompt_version: 'template_id',
  routing_task: 'assigned_to',
  session_event: 'session_id',
  workflow_template: 'model_strategy_id',
}

export function parentField(kind: string): string | undefined {
  return Object.hasOwn(PARENT_FIELDS, kind) ? PARENT_FIELDS[kind] : undefined
}
