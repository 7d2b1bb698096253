import { plain } from '../../../base/text.ts'
import type { PlaybookRow, RuleRow, Playbooks } from '../../../domain/rules/types.ts'
import { ruleText, STATES } from '../../text/rules.ts'
import { table } from '../terminal.ts'
import { bullets, type Page, type Printers } from './page.ts'

function list(all: readonly PlaybookRow[], { paint }: Page): string {
  const rows = all.map(({ id, summary, rules, confirmed }) => [
    id,
    `${confirmed}/${rules.length}`,
    summary,
  ])
  return table(
    paint,
    ['PLAYBOOK', 'CONFIRMED', 'WHAT'],
    rows,
    'No playbooks. What could be one: clawdeck policy playbook suggest',
  )
}

function one({ id, summary, rules }: PlaybookRow, { paint }: Page): string {
  return bullets(
    paint,
    `${plain(id, 80)}: ${plain(summary, 200)}`,
    rules.map((rule) => plain(rule, 80)),
  )
}

function applied(rules: readonly RuleRow[], { paint }: Page): string {
  return table(
    paint,
    ['RULE', 'STATE', 'WHAT'],
    rules.map((rule) => [rule.id, STATES[rule.status].word, ruleText(rule)]),
    'No rules.',
  )
}

function suggested(all: Awaited<ReturnType<Playbooks['suggest']>>, { paint }: Page): string {
  if (all.length === 0) return 'Nothing to suggest: no rules were learned together.\n'
  return all
    .map(
      ({ summary, rules, because }) =>
        `${bullets(
          paint,
          `${plain(summary, 200)}: ${plain(because, 200)}`,
          rules.map((rule) => plain(rule, 80)),
        )}  ${paint('dim', `clawdeck policy playbook save "${plain(summary, 200).replaceAll(/["$`\\!]/g, '')}" ${rules.map((rule) => plain(rule, 80)).join(' ')}`)}\n`,
    )
    .join('\n')
}

export const playbookPrinters = {
  playbooks: list,
  playbook: one,
  'playbook-applied': applied,
  'playbook-suggestions': suggested,
} satisfies Partial<Printers>
