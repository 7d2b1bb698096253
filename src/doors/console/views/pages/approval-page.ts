import { ago, plain, span } from '../../../../base/text.ts'
import type { Agreement, Approval } from '../../../../domain/approvals/types.ts'
import type { Action, Reason } from '../../../../domain/policy/types.ts'
import { precedentText, waitText } from '../../../text/approvals.ts'
import { agreementText, quorumRules, quorumText } from '../../../text/quorum.ts'
import { placeText, runText } from '../../../text/run-text.ts'
import type { TextLine } from '../../store/layer.ts'
import { BLANK_LINE, factLines, headingLines, sectionLines, textLine } from '../lines.ts'
import { timeOfDay } from '../rows/event-row.ts'
import { factorLine } from '../rows/risk.ts'
import { jsonLines } from '../text-view.ts'
import type { DetailPage } from './page.ts'

/** Everything that is needed to decide, then the outcome. */
function pendingText(a: Approval, now: number): string {
  return a.heldSince === undefined
    ? `⧗ denied in ${span(a.expiresAt - now)}`
    : `⧗ ${waitText(a, now)}: ${a.agent} is frozen`
}

export function approvalPage(a: Approval, now: number): DetailPage {
  const { action, risk } = a
  const place = placeText(a)
  const run = [
    BLANK_LINE,
    textLine('command', runText(a)),
    ...(place === '' ? [] : [textLine('command', place)]),
  ]
  return {
    ...(a.state === 'pending' ? { toRead: run.length } : {}),
    title: `${a.agent} asks: ${plain(action.type)}`,
    right: a.state === 'pending' ? pendingText(a, now) : a.state,
    lines: [
      ...run,
      ...factLines('words', wordsOf(action)),
      BLANK_LINE,
      ...factLines('agent', a.agent),
      ...factLines('goal', action.goal),
      ...factLines('scope', action.scope),
      ...factLines('systems', action.systems.join(', ')),
      ...factLines(
        'reversible',
        reversibleText(action.reversible),
        action.reversible === false ? 'warn' : 'text',
      ),
      ...peopleLines(a),
      ...headingLines(`Risk ${risk.score} of 100`),
      ...risk.factors.map(factorLine),
      ...(action.claimedRisk === null
        ? []
        : [textLine('dim', `      the agent says ${action.claimedRisk}`)]),
      ...sectionLines('Why it needs approval', a.reasons.map(reasonLine)),
      ...headingLines('Asked before'),
      textLine('text', precedentText(a, now)),
      ...factLines('fingerprint', a.fingerprint, 'dim'),
      ...extraLines(action.extra),
      ...headingLines('Outcome'),
      ...outcomeLines(a, now),
    ],
  }
}

/** Who has to agree, and whose word is there. */
function peopleLines({ quorum }: Approval): TextLine[] {
  if (quorum === undefined) return []
  return [
    ...headingLines('Who has to agree'),
    ...factLines('needs', quorumRules(quorum)),
    ...quorum.agreements.map(agreementLine),
    ...factLines('now', quorumText({ quorum }), quorum.missing.length > 0 ? 'warn' : 'good'),
  ]
}

function agreementLine(agreement: Agreement): TextLine {
  return textLine('good', `✓ ${agreement.operator} ${agreementText(agreement)}`)
}

/** The words of a command, if its target does not show where each begins. */
function wordsOf({ argv, target }: Action): string {
  const words = argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)))
    .join(' ')
  return words === target ? '' : words
}

function reversibleText(reversible: boolean | null): string {
  if (reversible === null) return 'the agent did not say'
  return reversible ? 'yes, the agent says' : 'no'
}

function reasonLine({ layer, text, id }: Reason): TextLine {
  return textLine('text', `${layer.padEnd(12)} ${text}${id === undefined ? '' : `  (${id})`}`)
}

function extraLines(extra: Action['extra']): TextLine[] {
  return Object.keys(extra).length === 0
    ? []
    : [...headingLines('Other data from the agent (not trusted)'), ...jsonLines(extra)]
}

const STATE_TONES: Partial<Record<Approval['state'], TextLine['tone']>> = {
  pending: 'warn',
  allowed: 'good',
}

function outcomeLines(a: Approval, now: number): TextLine[] {
  const by = a.by === '' ? '' : ` by ${a.by}`
  const at = a.decidedAt === null ? '' : ` at ${timeOfDay(a.decidedAt)}`
  return [
    ...factLines('asked', `${timeOfDay(a.askedAt)}, ${ago(a.askedAt, now)}`),
    ...factLines('state', `${a.state}${by}${at}`, STATE_TONES[a.state] ?? 'bad'),
    ...factLines('note', a.note),
    ...factLines('edited to', a.edited?.target ?? '', 'command'),
    ...factLines('lease', a.lease ?? ''),
    ...resultLines(a.outcome),
    ...factLines('id', a.id, 'dim'),
  ]
}

function resultLines(outcome: Approval['outcome']): TextLine[] {
  if (outcome === null) return []
  const { result, exitCode, note } = outcome
  const exit = exitCode === null ? '' : `, exit ${exitCode}`
  return factLines('result', `${result}${exit} ${note}`, result === 'success' ? 'good' : 'bad')
}
