import { plain } from '../../base/text.ts'
import { AUTO, type Rule } from '../../clawpolicy/types.ts'
import { whereOf } from './words.ts'

/** One rule as Markdown, for a person to read. */
export function markdownOf(rule: Rule): string {
  const line = (text: string) => plain(text, 2000)
  const list = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : ['', `### ${title}`, '', ...items.map((item) => `- ${line(item)}`)]
  const says =
    rule.policy_decision === ''
      ? 'advises, and decides nothing'
      : rule.policy_decision === AUTO
        ? 'allows unasked'
        : 'always wants a person'
  return [
    `## ${line(rule.summary) || rule.id}`,
    '',
    `\`${line(rule.id)}\` is **${rule.status}**: it ${says}, ${whereOf(rule)}.`,
    ...list('When', rule.trigger),
    ...list('Before', rule.preconditions),
    ...list('After', rule.postconditions),
    ...list('Proof', rule.validation),
    ...(rule.strategy === '' ? [] : ['', '### Advice', '', ...rule.strategy.split('\n').map(line)]),
    '',
  ].join('\n')
}
