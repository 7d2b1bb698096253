import type { Rule } from '../learned/types.ts'

/** Where a rule holds, in words. */
export function whereOf({ scope, scope_key }: Pick<Rule, 'scope' | 'scope_key'>): string {
  if (scope === 'global' || scope_key === '') return 'everywhere'
  return scope === 'project' ? `for ${scope_key}` : `for ${scope_key} work`
}

/** Why a rule was suspended, in words. */
export const SUSPENDED: Record<string, string> = {
  rollback: 'what it allowed was rolled back', conflict: 'another rule says otherwise', repeated_failure: 'what it allowed failed twice', repeated_override: 'it was overruled twice',
  missed_confirmation: 'twice a person should have been asked', operator: 'by an operator', agent_deleted: 'its agent was deleted',
}
