import { plain } from '../../base/text.ts'
import { AUTO, type Rule } from '../../clawpolicy/types.ts'

/** Where a rule applies, in words. */
export function scopeText({ scope, scope_key }: Pick<Rule, 'scope' | 'scope_key'>): string {
  if (scope === 'global' || scope_key === '') return 'everywhere'
  return scope === 'project' ? `for ${plain(scope_key, 120)}` : `for ${plain(scope_key, 120)} work`
}

/** Why a rule was suspended. A file may give any other reason too. */
const SUSPENSIONS: ReadonlyMap<string, string> = new Map([
  ['rollback', 'what it allowed was rolled back'],
  ['conflict', 'another rule contradicts it'],
  ['repeated_failure', 'what it allowed failed twice'],
  ['repeated_override', 'a person overruled it twice'],
  ['missed_confirmation', 'a person should have been asked, twice'],
  ['operator', 'by an operator'],
  ['agent_deleted', 'its agent was deleted'],
  ['journal_loss', 'the journal lost events'],
])

/** Why a rule was suspended, in words. */
export function suspensionText(reason: string): string {
  return SUSPENSIONS.get(reason) ?? plain(reason, 80)
}

/** What a rule covers, in words. The action type is left out where the rule says more. */
export function subjectText({ trigger }: Pick<Rule, 'trigger'>): string {
  const specific = trigger.filter((text) => !text.startsWith('task_type:'))
  return (specific.length > 0 ? specific : trigger)
    .map((text) => text.replace(/^command:/, '').replace(/^runs:/, 'every '))
    .join(' and ')
}

/** What a rule decides: `allow`, `ask`, or '' for advice. */
export function effectOfRule({
  policy_decision,
}: Pick<Rule, 'policy_decision'>): 'allow' | 'ask' | '' {
  if (policy_decision === '') return ''
  return policy_decision === AUTO ? 'allow' : 'ask'
}
