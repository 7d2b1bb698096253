import { age, count, plain } from '../../../base/text.ts'
import type { RuleDetail, RuleMoment, RuleOutcome, RuleRow } from '../../../domain/rules/types.ts'
import {
  STATES,
  becauseText,
  evidenceBar,
  missingText,
  ruleAbout,
  ruleSentence,
  ruleWhere,
  suspendedWhy,
} from '../../text/rules.ts'
import type { Layer, TextLine } from '../store/layer.ts'
import type { ConsoleState } from '../store/store.ts'
import { timeOfDay } from './audit.ts'
import { tableOf } from '../store/world.ts'

type Detail = Extract<Layer, { kind: 'detail' }>

const line = (tone: TextLine['tone'], text: string): TextLine => ({ tone, text })
const fact = (name: string, text: string, tone: TextLine['tone'] = 'text'): TextLine[] =>
  text === '' ? [] : [line(tone, `${name.padEnd(12)} ${text}`)]
const head = (text: string): TextLine[] => [line('dim', ''), line('head', text)]

/** A learned rule: what it says, what speaks for it, what it lacks, what it did, and how it came to be. */
export function rulePage(
  { world, ui }: Pick<ConsoleState, 'world' | 'ui'>,
  rule: RuleRow,
  { found, problem }: Detail,
): { title: string; right: string; lines: TextLine[] } {
  const { glyph, word, means } = STATES[rule.status]
  const now = ui.now
  return {
    title: `Rule · ${ruleAbout(rule)}`,
    right: `${glyph} ${word}`,
    lines: [
      line('dim', ''),
      line('command', ruleSentence(rule)),
      line('dim', ''),
      ...fact(
        'state',
        `${glyph} ${word}: ${means}`,
        rule.status === 'confirmed' ? 'good' : rule.status === 'suspended' ? 'warn' : 'text',
      ),
      ...(rule.suspensionReason === ''
        ? []
        : fact('because', suspendedWhy(rule.suspensionReason), 'warn')),
      ...fact('where', ruleWhere(rule)),
      ...fact(
        'until',
        untilText(rule, now),
        rule.expiresAt !== null && rule.expiresAt - now < 86_400_000 ? 'warn' : 'text',
      ),
      ...fact(
        'risk',
        rule.riskLevel,
        rule.riskLevel === 'high' || rule.riskLevel === 'critical' ? 'warn' : 'text',
      ),
      ...fact('made by', `${rule.by}, ${becauseText(rule.source)}`),
      ...fact('used', usedText(rule, now)),
      ...head('Evidence'),
      ...evidence(rule, found),
      ...conflicts(rule, (id) => tableOf(world, 'rule').get(id)),
      ...(found === undefined
        ? [
            line('dim', ''),
            problem === undefined
              ? line('dim', 'reading its history…')
              : line('bad', `✕ ${problem}`),
          ]
        : known(rule, found, now)),
      ...fact('id', rule.id, 'dim'),
    ],
  }
}

function untilText({ expiresAt }: RuleRow, now: number): string {
  if (expiresAt === null) return 'somebody ends it'
  return expiresAt <= now
    ? 'it has expired'
    : `${new Date(expiresAt).toISOString().slice(0, 16).replace('T', ' ')} UTC, in ${age(expiresAt - now)}`
}

function usedText({ uses, lastUsedAt, status }: RuleRow, now: number): string {
  if (uses === 0) return status === 'confirmed' ? 'it has not answered anything yet' : 'never'
  return `answered ${count(uses, 'time')} instead of you${lastUsedAt === null ? '' : `, last ${age(now - lastUsedAt)} ago`}`
}

const BAR = 18
const MARKS = 12

function evidence(rule: RuleRow, found: RuleDetail | undefined): TextLine[] {
  const support = Math.min(rule.support, rule.needed)
  const marks = (found?.history ?? [])
    .flatMap(({ outcome }) => (outcome === null ? [] : [markOf(outcome)]))
    .slice(0, MARKS)
    .reverse()
    .join('')
  return [
    line(
      rule.support >= rule.needed ? 'good' : 'text',
      `${support} of ${rule.needed}       ${evidenceBar(support, rule.needed, BAR)}${marks === '' ? '' : `   last ${marks}`}`,
    ),
    ...(rule.setback === ''
      ? []
      : [line('warn', `last time    ${rule.setback}: the row begins anew`)]),
    ...(rule.status === 'confirmed' && rule.support < rule.needed
      ? [line('dim', "A person's own word is enough.")]
      : []),
    ...(rule.status === 'candidate'
      ? rule.missing.map((missing) => line('warn', `still needs  ${missingText(missing)}`))
      : []),
    ...(found === undefined ? [] : counters(rule, found)),
  ]
}

/** What became of one action, in one sign: a yes or a success, a no or a failure, taken back. */
function markOf({ result, override }: RuleOutcome): string {
  if (result === 'rollback') return '↶'
  return result === 'failure' ||
    override === 'blocked_auto_execute' ||
    override === 'should_have_required_confirmation'
    ? '✕'
    : '✓'
}

function counters(rule: RuleRow, { stored: { rule: kept } }: RuleDetail): TextLine[] {
  const parts = [
    [kept.accepted_auto_execute_count, 'right to allow'],
    [kept.accepted_confirmation_count, 'right to ask'],
    [rule.failures, 'failed in a row'],
    [kept.override_streak, 'overruled in a row'],
    [kept.rollback_count, 'rolled back'],
    [kept.conflict_count, 'complained of'],
  ] as const
  return fact(
    'counted',
    parts
      .filter(([n]) => n > 0)
      .map(([n, words]) => `${n}× ${words}`)
      .join(' · '),
  )
}

function conflicts(rule: RuleRow, rowOf: (id: string) => RuleRow | undefined): TextLine[] {
  if (rule.conflicts.length === 0) return []
  return [
    ...head('Says otherwise'),
    ...rule.conflicts.map((id) => {
      const rival = rowOf(id)
      return line(
        'bad',
        `⚠ ${rival === undefined ? id : `${ruleSentence(rival)} (${STATES[rival.status].word}, ${id})`}`,
      )
    }),
  ]
}

function known(rule: RuleRow, found: RuleDetail, now: number): TextLine[] {
  return [
    ...(found.playbooks.length === 0
      ? []
      : [
          ...head('Part of'),
          ...found.playbooks.map((id) => line('text', `playbook  ${plain(id, 80)}`)),
        ]),
    ...head('History, newest first'),
    ...found.history.map((moment) => momentLine(moment, now)),
    ...head('When it speaks'),
    ...rule.trigger.map((text, i) =>
      line('text', `${i === 0 ? 'if ' : 'and'}  ${plain(text, 500)}`),
    ),
    ...head('As Markdown'),
    ...found.markdown
      .trimEnd()
      .split('\n')
      .map((text) => line('dim', text)),
    line('dim', ''),
  ]
}

const DONE: Record<RuleMoment['type'], string> = {
  'rule.added': 'made',
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

function momentLine(moment: RuleMoment, now: number): TextLine {
  const mark = moment.outcome === null ? ' ' : markOf(moment.outcome)
  const moved =
    moment.from !== null && moment.from !== moment.to ? `${moment.from} → ${moment.to} · ` : ''
  const why = becauseText(moment.because, moment.from !== moment.to)
  return line(
    moment.to === 'suspended' && moment.from !== 'suspended' ? 'warn' : 'text',
    `${mark} ${timeOfDay(moment.at)}  ${age(now - moment.at).padStart(6)} ago  ${(DONE[moment.type] ?? moment.type).padEnd(9)} ${moved}${why === '' ? '' : `${why} · `}${plain(moment.actor, 60)}`,
  )
}
