import { plain } from '../../base/text.ts'
import type { Rule } from '../../clawpolicy/types.ts'

/** Where a rule holds, in words. */
export function whereOf({ scope, scope_key }: Pick<Rule, 'scope' | 'scope_key'>): string {
  if (scope === 'global' || scope_key === '') return 'everywhere'
  return scope === 'project' ? `for ${plain(scope_key, 120)}` : `for ${plain(scope_key, 120)} work`
}

/** Why a rule was suspended, in words. A file may give any reason: none of them is looked for beyond these. */
export const SUSPENDED: Readonly<Record<string, string>> = Object.assign(
  Object.create(null) as Record<string, string>,
  {
    rollback: 'what it allowed was rolled back',
    conflict: 'another rule says otherwise',
    repeated_failure: 'what it allowed failed twice',
    repeated_override: 'it was overruled twice',
    missed_confirmation: 'twice a person should have been asked',
    operator: 'by an operator',
    agent_deleted: 'its agent was deleted',
  },
)

/** What a rule is about, in words: its type of action goes without saying where more is said. */
export function aboutOf({ trigger }: Pick<Rule, 'trigger'>): string {
  const more = trigger.filter((text) => !text.startsWith('task_type:'))
  return (more.length > 0 ? more : trigger)
    .map((text) => text.replace(/^command:/, '').replace(/^runs:/, 'every '))
    .join(' and ')
}
