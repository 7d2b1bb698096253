import { ago, plain, span } from '../../../base/text.ts'
import type { RuleDetail, RuleMoment, RuleOutcome, RuleRow } from '../../../domain/rules/types.ts'
import { MOMENT_VERBS } from '../../text/rule-history.ts'
import {
  becauseText,
  missingText,
  ownEntry,
  ruleSentence,
  ruleWhere,
  suspendedWhy,
} from '../../text/rules.ts'
import { facts, type Cell, type Paint } from '../terminal.ts'
import { timeOf } from './events.ts'
import { bullets, safeLines, type Page } from './page.ts'
import { actorText, statusCell, statusChange } from './rule-cells.ts'

/** How much of a rule's history is shown. */
const MAX_HISTORY = 20

/** Everything about one rule. */
export function ruleDetail(detail: RuleDetail, page: Page): string {
  const { row, outcomes, markdown } = detail
  const { paint, now } = page
  const lists = [
    bullets(paint, 'still needed', row.missing.map(missingText)),
    bullets(
      paint,
      'contradicted by',
      row.conflicts.map((id) => plain(id, 80)),
    ),
    bullets(
      paint,
      'evidence',
      outcomes.toReversed().map((outcome) => outcomeText(outcome, now)),
    ),
    bullets(paint, 'history', historyLines(detail.history, paint)),
  ]
  const parts = [
    `${paint('strong', ruleSentence(row))}\n`,
    facts(paint, factsOf(detail, now)),
    ...lists.filter((list) => list !== ''),
    `${safeLines(markdown, 2000)}\n`,
  ]
  return parts.join('\n')
}

function factsOf(
  { row, playbooks, stored }: RuleDetail,
  now: number,
): (readonly [string, Cell | undefined])[] {
  const { failures, uses, lastUsedAt } = row
  return [
    ['rule', row.id],
    ['state', statusCell(row.status)],
    ['why', row.status === 'suspended' ? suspendedWhy(row.suspensionReason) : undefined],
    ['holds', `${ruleWhere(row)}, ${duration(row, now)}`],
    ...row.trigger.map((trigger) => ['when', trigger] as const),
    ['risk', riskLevelCell(row.riskLevel)],
    ['evidence', row.decision === '' ? undefined : supportText(row)],
    ['failures', failures === 0 ? undefined : { text: `${failures} in a row`, tone: 'bad' }],
    ['used', uses === 0 ? 'never' : `${uses}×, last ${ago(lastUsedAt, now)}`],
    ['made by', row.by],
    ['from', plain(row.source.replaceAll('_', ' '), 80)],
    ['confidence', row.confidence.toFixed(2)],
    ['playbooks', playbooks.length === 0 ? undefined : playbooks.join(', ')],
    ['hash', stored.rule.asset_id],
  ]
}

function duration({ expiresAt }: RuleRow, now: number): string {
  if (expiresAt === null) return 'without end'
  return expiresAt <= now ? 'expired' : `for ${span(expiresAt - now)} more`
}

function riskLevelCell(level: RuleRow['riskLevel']): Cell | undefined {
  if (level === '') return undefined
  return { text: level, tone: level === 'high' || level === 'critical' ? 'bad' : 'dim' }
}

function supportText({ support, needed, setback }: RuleRow): string {
  const last = setback === '' ? '' : `; last time ${setback}`
  return `${support} in a row, ${needed} to confirm${last}`
}

function outcomeText({ result, override, confirmed, at }: RuleOutcome, now: number): string {
  const parts = [
    ownEntry(OVERRIDES, override) ?? plain(override.replaceAll('_', ' '), 80),
    override !== '' && result === 'cancel' ? '' : plain(result, 80),
    override === '' ? approvalText(confirmed) : '',
  ]
  return `${ago(Date.parse(at), now)}  ${parts.filter((part) => part !== '').join(', ')}`
}

function approvalText(confirmed: boolean): string {
  return confirmed ? 'after an approval' : 'without asking'
}

const OVERRIDES: Record<string, string> = {
  confirmed_after_prompt: 'approved by a person',
  blocked_auto_execute: 'denied by a person',
  prefer_auto_execute: 'a person prefers to allow it',
  prefer_confirmation: 'a person prefers to be asked',
  forced_auto_execute: 'a person forced it',
  should_have_required_confirmation: 'it should have asked',
}

function historyLines(history: readonly RuleMoment[], paint: Paint): string[] {
  const lines = history.slice(0, MAX_HISTORY).map((moment) => historyLine(moment, paint))
  const more = history.length - lines.length
  return more > 0 ? [...lines, paint('dim', `… ${more} more: use --json`)] : lines
}

function historyLine(moment: RuleMoment, paint: Paint): string {
  const time = paint('dim', `${timeOf(moment.at)} ${String(moment.seq).padStart(6)}`)
  const because = becauseText(moment.because, moment.from !== moment.to) || 'no reason given'
  const source = moment.of === '' ? '' : paint('dim', `  ${plain(moment.of, 64)}`)
  const what = `${MOMENT_VERBS[moment.type]}: ${statusChange(moment)}`
  return `${time}  ${what}, ${because}, ${plain(actorText(moment.actor), 64)}${source}`
}
