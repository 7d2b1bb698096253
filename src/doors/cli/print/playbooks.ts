import { plain } from '../../../base/text.ts'
import type { PlaybookRow, PlaybookService, RuleRow } from '../../../domain/rules/types.ts'
import { ruleText, STATES } from '../../text/rules.ts'
import { table } from '../terminal.ts'
import { bullets, type Page, type Printers } from './page.ts'

function playbooks(all: readonly PlaybookRow[], { paint }: Page): string {
  const rows = all.map(({ id, summary, rules, confirmed }) => [
    id,
    `${confirmed}/${rules.length}`,
    summary,
  ])
  return table(
    paint,
    ['PLAYBOOK', 'CONFIRMED', 'WHAT'],
    rows,
    'No playbooks. See suggestions: clawdeck policy playbook suggest',
  )
}

function playbook({ id, summary, rules }: PlaybookRow, { paint }: Page): string {
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

type Suggestion = Awaited<ReturnType<PlaybookService['suggest']>>[number]

function suggestions(all: readonly Suggestion[], page: Page): string {
  if (all.length === 0) return 'No suggestions: no rules were learned together.\n'
  return all.map((each) => suggestion(each, page)).join('\n')
}

function suggestion({ summary, rules, because }: Suggestion, { paint }: Page): string {
  const ids = rules.map((rule) => plain(rule, 80))
  // The summary is quoted for a shell: without characters that are special in double quotes.
  const title = plain(summary, 200).replaceAll(/["$`\\!]/g, '')
  const command = `clawdeck policy playbook save "${title}" ${ids.join(' ')}`
  const list = bullets(paint, `${plain(summary, 200)}: ${plain(because, 200)}`, ids)
  return `${list}  ${paint('dim', command)}\n`
}

export const playbookPrinters = {
  playbooks,
  playbook,
  'playbook-applied': applied,
  'playbook-suggestions': suggestions,
} satisfies Partial<Printers>
