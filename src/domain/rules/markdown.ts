import { plain } from '../../base/text.ts'
import type { Rule } from '../../clawpolicy/types.ts'
import { effectOfRule, scopeText } from './texts.ts'

const EFFECTS = {
  '': 'is advice and decides nothing',
  allow: 'allows without asking',
  ask: 'always asks a person',
} as const

/** A rule as Markdown, for a person to read. */
export function markdownOf(rule: Rule): string {
  const line = (text: string) => plain(text, 2000)
  const list = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : ['', `### ${title}`, '', ...items.map((item) => `- ${line(item)}`)]
  return [
    `## ${line(rule.summary) || rule.id}`,
    '',
    `\`${line(rule.id)}\` is **${rule.status}**: it ${EFFECTS[effectOfRule(rule)]}, ${scopeText(rule)}.`,
    ...list('When', rule.trigger),
    ...list('Before', rule.preconditions),
    ...list('After', rule.postconditions),
    ...list('Proof', rule.validation),
    ...(rule.strategy === '' ? [] : ['', '### Advice', '', ...rule.strategy.split('\n').map(line)]),
    '',
  ].join('\n')
}
