import type { RuleMoment } from '../../domain/rules/types.ts'

/** What happened to a rule. */
export const MOMENT_VERBS: Record<RuleMoment['type'], string> = {
  'rule.added': 'created',
  'rule.learned': 'learned',
  'rule.confirmed': 'confirmed',
  'rule.suspended': 'suspended',
  'rule.resumed': 'resumed',
  'rule.archived': 'archived',
  'rule.restored': 'restored',
  'rule.edited': 'changed',
  'rule.merged': 'merged',
  'rule.expired': 'expired',
  'rule.imported': 'imported',
}
