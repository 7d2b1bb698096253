import { age, ago, count, plain } from '../../../../base/text.ts'
import type {
  RuleDetail,
  RuleMoment,
  RuleOutcome,
  RuleRow,
} from '../../../../domain/rules/types.ts'
import { MOMENT_VERBS } from '../../../text/rule-history.ts'
import {
  becauseText,
  evidenceBar,
  missingText,
  ruleAbout,
  ruleSentence,
  ruleWhere,
  STATES,
  suspendedWhy,
} from '../../../text/rules.ts'
import type { LayerOf, TextLine } from '../../store/layer.ts'
import type { ConsoleState } from '../../store/state.ts'
import { tableOf } from '../../store/world.ts'
import { BLANK_LINE, factLines, headingLines, sectionLines, textLine } from '../lines.ts'
import { timeOfDay } from '../rows/event-row.ts'
import type { DetailPage } from './page.ts'

const DAY_MS = 86_400_000

/** A learned rule: what it does, its evidence, what is missing, its use and its history. */
export function rulePage(
  { world, ui }: ConsoleState,
  rule: RuleRow,
  { found, problem }: LayerOf<'detail'>,
): DetailPage {
  const { glyph, word } = STATES[rule.status]
  return {
    title: `Rule · ${ruleAbout(rule)}`,
    right: `${glyph} ${word}`,
    lines: [
      BLANK_LINE,
      textLine('command', ruleSentence(rule)),
      BLANK_LINE,
      ...summaryLines(rule, ui.now),
      ...headingLines('Evidence'),
      ...evidenceLines(rule, found),
      ...conflictLines(rule, tableOf(world, 'rule')),
      ...(found === undefined ? loadingLines(problem) : historyLines(rule, found, ui.now)),
      ...factLines('id', rule.id, 'dim'),
    ],
  }
}

function loadingLines(problem: string | undefined): TextLine[] {
  const line =
    problem === undefined
      ? textLine('dim', 'Loading its history…')
      : textLine('bad', `✕ ${problem}`)
  return [BLANK_LINE, line]
}

const STATUS_TONES: Partial<Record<RuleRow['status'], TextLine['tone']>> = {
  confirmed: 'good',
  suspended: 'warn',
}

function summaryLines(rule: RuleRow, now: number): TextLine[] {
  const { status, expiresAt, riskLevel, suspensionReason } = rule
  const { glyph, word, means } = STATES[status]
  const endsSoon = expiresAt !== null && expiresAt - now < DAY_MS
  const isRisky = riskLevel === 'high' || riskLevel === 'critical'
  return [
    ...factLines('state', `${glyph} ${word}: ${means}`, STATUS_TONES[status]),
    ...factLines('because', suspensionReason === '' ? '' : suspendedWhy(suspensionReason), 'warn'),
    ...factLines('scope', ruleWhere(rule)),
    ...factLines('until', untilText(rule, now), endsSoon ? 'warn' : 'text'),
    ...factLines('risk', riskLevel, isRisky ? 'warn' : 'text'),
    ...factLines('made by', `${rule.by}: ${becauseText(rule.source)}`),
    ...factLines('used', usedText(rule, now)),
  ]
}

function untilText({ expiresAt }: RuleRow, now: number): string {
  if (expiresAt === null) return 'no end'
  if (expiresAt <= now) return 'expired'
  const date = new Date(expiresAt).toISOString().slice(0, 16).replace('T', ' ')
  return `${date} UTC, in ${age(expiresAt - now)}`
}

function usedText({ uses, lastUsedAt }: RuleRow, now: number): string {
  if (uses === 0) return 'never'
  const last = lastUsedAt === null ? '' : `, last ${ago(lastUsedAt, now)}`
  return `answered ${count(uses, 'time')} instead of you${last}`
}

const BAR_CELLS = 18
const MAX_MARKS = 12

function evidenceLines(rule: RuleRow, found: RuleDetail | undefined): TextLine[] {
  const { needed, setback, status } = rule
  const support = Math.min(rule.support, needed)
  const isEnough = rule.support >= needed
  const marks = outcomeMarks(found)
  const bar = evidenceBar(support, needed, BAR_CELLS)
  return [
    textLine(
      isEnough ? 'good' : 'text',
      `${support} of ${needed}       ${bar}${marks === '' ? '' : `   last ${marks}`}`,
    ),
    ...factLines('last time', setback === '' ? '' : `${setback}: counting starts again`, 'warn'),
    ...(status === 'confirmed' && !isEnough
      ? [textLine('dim', 'A person confirmed it, so it needs no more evidence.')]
      : []),
    ...(status === 'candidate'
      ? rule.missing.flatMap((missing) => factLines('still needs', missingText(missing), 'warn'))
      : []),
    ...(found === undefined ? [] : counterLines(rule, found)),
  ]
}

/** The latest outcomes as marks, the newest last. */
function outcomeMarks(found: RuleDetail | undefined): string {
  return (found?.history ?? [])
    .flatMap(({ outcome }) => (outcome === null ? [] : [markOf(outcome)]))
    .slice(0, MAX_MARKS)
    .reverse()
    .join('')
}

/** An outcome in one sign: approved or successful, denied or failed, rolled back. */
function markOf({ result, override }: RuleOutcome): string {
  if (result === 'rollback') return '↶'
  const isBad =
    result === 'failure' ||
    override === 'blocked_auto_execute' ||
    override === 'should_have_required_confirmation'
  return isBad ? '✕' : '✓'
}

function counterLines(rule: RuleRow, { stored: { rule: stored } }: RuleDetail): TextLine[] {
  const counters: [n: number, what: string][] = [
    [stored.accepted_auto_execute_count, 'right to allow'],
    [stored.accepted_confirmation_count, 'right to ask'],
    [rule.failures, 'failed in a row'],
    [stored.override_streak, 'overridden in a row'],
    [stored.rollback_count, 'rolled back'],
    [stored.conflict_count, 'should have asked'],
  ]
  const parts = counters.filter(([n]) => n > 0).map(([n, what]) => `${n}× ${what}`)
  return factLines('counted', parts.join(' · '))
}

function conflictLines(rule: RuleRow, rules: ReadonlyMap<string, RuleRow>): TextLine[] {
  const lines = rule.conflicts.map((id) => {
    const rival = rules.get(id)
    const text =
      rival === undefined ? id : `${ruleSentence(rival)} (${STATES[rival.status].word}, ${id})`
    return textLine('bad', `⚠ ${text}`)
  })
  return sectionLines('Contradicted by', lines)
}

function historyLines(rule: RuleRow, found: RuleDetail, now: number): TextLine[] {
  return [
    ...sectionLines(
      'Part of',
      found.playbooks.flatMap((id) => factLines('playbook', plain(id, 80))),
    ),
    ...sectionLines(
      'History, latest first',
      found.history.map((moment) => momentLine(moment, now)),
    ),
    ...headingLines('Conditions'),
    ...rule.trigger.map((text, i) =>
      textLine('text', `${i === 0 ? 'if ' : 'and'}  ${plain(text, 500)}`),
    ),
    ...headingLines('As Markdown'),
    ...found.markdown
      .trimEnd()
      .split('\n')
      .map((text) => textLine('dim', text)),
    BLANK_LINE,
  ]
}

function momentLine(moment: RuleMoment, now: number): TextLine {
  const { at, from, to, outcome, because, actor, type } = moment
  const time = `${timeOfDay(at)}  ${age(now - at).padStart(6)} ago`
  const verb = (MOMENT_VERBS[type] ?? type).padEnd(9)
  const change = from !== null && from !== to ? `${from} → ${to}` : ''
  const details = [change, becauseText(because, from !== to), plain(actor, 60)]
  const isNewlySuspended = to === 'suspended' && from !== 'suspended'
  return textLine(
    isNewlySuspended ? 'warn' : 'text',
    `${outcome === null ? ' ' : markOf(outcome)} ${time}  ${verb} ${details.filter((part) => part !== '').join(' · ')}`,
  )
}
