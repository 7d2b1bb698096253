import { ago, count, momentText, plain } from '../../base/text.ts'
import type { ShownTrace, ShownWork } from '../../commands/answers.ts'
import { ACTION_LOOKS, costText } from '../../commands/rooms/governance/ledger-list.ts'
import {
  API_AGENT_LIMITS,
  presenceOf,
  type PresenceState,
} from '../../domain/governance/agents/rules.ts'
import type { ApiAgent } from '../../domain/governance/agents/types.ts'
import type { LedgerLine } from '../../domain/governance/ledger/types.ts'
import type { Assumption, LedgerRow, LoopRow } from '../../domain/governance/types.ts'
import { WHY_HEADINGS } from './why.ts'

/** A line of a page that doors share, by what it is. */
export interface ToldLine {
  tone: 'text' | 'head' | 'good' | 'warn' | 'bad' | 'dim' | 'command'
  text: string
}

type Tone = ToldLine['tone']
type Row = Readonly<Record<string, unknown>>

const MAX_GOAL = 120
/** So much of a goal stands at the head of a page; a longer one follows at its end. */
const MAX_HEAD = 300
/** A tree shows so many actions below one. */
const MOST_CHILDREN = 30
/** A page shows so many of each kind of what is open. */
const MOST_ROWS = 8
const BLANK: ToldLine = { tone: 'dim', text: '' }

const told = (tone: Tone, text: string): ToldLine => ({ tone, text })

function cutGoal(goal: string, max: number): string {
  return goal.length > max ? `${goal.slice(0, max)}…` : goal
}

function facts(all: readonly (readonly [name: string, value: string, tone?: Tone])[]): ToldLine[] {
  return all.flatMap(([name, value, tone = 'text']) =>
    value === '' ? [] : [told(tone, `${name.padEnd(12)} ${plain(value, 4096)}`)],
  )
}

/** Lines under a heading; nothing if there are none. */
function under(heading: string, lines: readonly ToldLine[]): ToldLine[] {
  return lines.length === 0 ? [] : [BLANK, told('head', heading), ...lines]
}

/** An action: what it was, its trace, how the guard decided, and what came of it. */
export function traceLines(shown: ShownTrace): ToldLine[] {
  const { line, action, trace, why, asked } = shown
  const { glyph, word } = ACTION_LOOKS[action.status]
  return [
    told('command', cutGoal(action.declared_goal, MAX_HEAD)),
    BLANK,
    ...facts([
      ['status', `${glyph} ${word}`, toneOf(action)],
      ['agent', line.agent],
      ['type', action.action_type],
      ['began', action.timestamp_start],
      ['ended', action.timestamp_end ?? ''],
      ['took', action.duration_ms === null ? '' : `${action.duration_ms} ms`],
      ['asked', asked === action.declared_goal ? '' : changedText(asked)],
      ['risk', `${line.risk} of 100${action.reversible ? '' : ', not reversible'}`],
      ['systems', action.systems_touched.join(', ')],
      ['outcome', action.output_summary ?? ''],
      ['error', action.error_message ?? '', 'bad'],
      ['tokens', tokensText(action)],
      ['cost', costText(action.cost_estimate)],
      ['approved by', approvedText(action)],
      ['reasoning', action.reasoning ?? ''],
      ['signed', action.verified ? 'yes, and the signature is right' : ''],
      ['why', line.question === '' ? '' : `clawdeck policy why ${line.question}`, 'dim'],
      ['next', nextText(line), 'dim'],
      ['id', action.action_id, 'dim'],
    ]),
    ...under('Trace', treeLines(shown)),
    ...under(
      'Look at',
      trace.root_cause_indicators.map(({ count: many, type, severity }) =>
        told(severity === 'high' ? 'bad' : 'warn', `! ${many} ${type.replaceAll('_', ' ')}`),
      ),
    ),
    ...guardLines(why),
    ...wholeGoalLines(action),
  ]
}

function guardLines(why: ShownTrace['why']): ToldLine[] {
  if (why === null) return []
  const steps = why.path.map(({ layer, text, decided }) =>
    told(decided ? 'good' : 'text', `${decided ? '▸' : ' '} ${layer.padEnd(10)} ${plain(text)}`),
  )
  return [...under(WHY_HEADINGS.path, steps), told('dim', `  ${why.became}`)]
}

/** A goal that is too long for the head of the page. */
function wholeGoalLines({ declared_goal: goal }: LedgerRow): ToldLine[] {
  return goal.length <= MAX_HEAD ? [] : under('The whole goal', [told('command', goal)])
}

function changedText(asked: string | null): string {
  return asked === null ? '' : `${asked} (it was changed)`
}

function nextText({ status, approval }: LedgerLine): string {
  return status === 'pending_approval' ? `clawdeck approvals allow ${approval}, or deny` : ''
}

function tokensText({ tokens_in: tokensIn, tokens_out: tokensOut, model }: ShownTrace['action']) {
  if (tokensIn === null && tokensOut === null) return ''
  return `${tokensIn ?? 0} in, ${tokensOut ?? 0} out${model === null ? '' : ` (${model})`}`
}

function approvedText({ approved_by: by, approved_at: at }: ShownTrace['action']): string {
  if (by === null) return ''
  return at === null ? by : `${by}, ${at}`
}

/** What an action belongs to above it; what it rests on, left open and began below. */
function treeLines({ action, trace }: ShownTrace): ToldLine[] {
  const parents = trace.parent_chain.toReversed()
  const own = parents.length
  const children = trace.sub_actions.slice(0, MOST_CHILDREN)
  const more = trace.sub_actions.length - children.length
  return [
    ...parents.map((parent, depth) => branch(depth, parent)),
    told(toneOf(action), `${branch(own, action).text}  ←`),
    ...trace.assumptions.items.map((each) => leaf(own + 1, assumptionText(each))),
    ...trace.loops.items.map((each) => leaf(own + 1, loopText(each))),
    ...children.map((child) => branch(own + 1, child)),
    ...(more === 0 ? [] : [leaf(own + 1, ['dim', `… ${more} more`])]),
  ]
}

const indent = (depth: number): string => (depth === 0 ? '' : `${'   '.repeat(depth - 1)}└─ `)

function branch(depth: number, action: LedgerRow): ToldLine {
  const { status, action_type: type, declared_goal: goal } = action
  const text = `${ACTION_LOOKS[status].glyph} ${plain(type, 40)}  ${plain(goal, MAX_GOAL)}`
  return told(toneOf(action), indent(depth) + text)
}

function leaf(depth: number, [tone, text]: readonly [Tone, string]): ToldLine {
  return told(tone, `${indent(depth)}${plain(text, 400)}`)
}

function assumptionText({ validated, invalidated, ...row }: Assumption): readonly [Tone, string] {
  if (invalidated) return ['bad', `✗ assumed: ${row.assumption}: ${row.invalidated_reason ?? ''}`]
  return validated ? ['good', `✓ assumed: ${row.assumption}`] : ['text', `? ${row.assumption}`]
}

function loopText({ status, priority, description }: LoopRow): readonly [Tone, string] {
  return status === 'open'
    ? ['warn', `○ ${priority}: ${description}`]
    : ['dim', `✓ ${priority}: ${description}`]
}

function toneOf({ status }: Pick<LedgerRow, 'status'>): Tone {
  const { tone } = ACTION_LOOKS[status]
  return tone === 'info' || tone === 'strong' ? 'text' : tone
}

/** What an agent does, has left open and works on. */
export function workLines(work: ShownWork, now: number): ToldLine[] {
  return [
    ...agentFacts(work, now),
    ...under(
      `Waiting for you: ${work.waiting.length}`,
      work.waiting.map((l) => actLine(l, now)),
    ),
    ...under(
      `Signals: ${work.signals.length}`,
      work.signals.flatMap(({ severity, label, detail, help }) => [
        told(
          severity === 'red' ? 'bad' : 'warn',
          `${severity === 'red' ? '✕' : '!'} ${plain(label, 200)}`,
        ),
        told('text', `  ${plain(detail, 400)}`),
        told('dim', `  → ${plain(help, 400)}`),
      ]),
    ),
    ...under(
      'Latest actions',
      work.latest.map((l) => actLine(l, now)),
    ),
    ...openLines(work),
  ]
}

const PRESENCE_TONES: Record<PresenceState, Tone> = {
  online: 'good',
  silent: 'warn',
  unknown: 'dim',
}

function agentFacts({ agent, known, totals, tokens, latest }: ShownWork, now: number): ToldLine[] {
  const { total, running, failed, avg_risk: risk, total_cost: cost } = totals
  const { tokens_in: tokensIn = 0, tokens_out: tokensOut = 0 } = tokens
  const acted = `${count(total, 'action')}: ${running} running, ${failed} failed, average risk ${Math.round(risk)}`
  return [
    ...facts([['agent', agent]]),
    ...(known === null ? [] : presenceFacts(known, now, latest[0]?.began)),
    ...facts([
      ['acted', total === 0 ? 'not yet' : acted],
      ['tokens', tokensIn + tokensOut === 0 ? '' : `${tokensIn} in, ${tokensOut} out`],
      ['cost', cost === 0 ? '' : costText(cost)],
    ]),
  ]
}

function presenceFacts(known: ApiAgent, now: number, heard = 0): ToldLine[] {
  const { glyph, text, state } = presenceOf(known, now, heard)
  return facts([
    ['called', known.label ?? ''],
    ['presence', `${glyph} ${text}`, PRESENCE_TONES[state]],
    ['works on', known.presence?.task ?? ''],
    ['limits', API_AGENT_LIMITS, 'dim'],
    ['first seen', ago(known.firstSeenAt, now)],
  ])
}

function openLines({
  loops,
  assumptions,
  goals,
  messages,
  handoffs,
  agent,
}: ShownWork): ToldLine[] {
  const unread = messages.filter(({ status }) => status === 'sent').length
  const lines = [
    ...under(`Open loops: ${loops.length}`, rowLines('○', loops, ['priority', 'description'])),
    ...under(
      `Unproven assumptions: ${assumptions.length}`,
      rowLines('?', assumptions, ['assumption']),
    ),
    ...under(`Goals: ${goals.length}`, rowLines('●', goals, ['progress', 'title'])),
    ...under(
      `Messages to it: ${count(unread, 'unread message')}`,
      rowLines('✉', messages, ['from_agent_id', 'subject', 'body']),
    ),
    ...under('Handoffs', rowLines('→', handoffs, ['session_date', 'summary'])),
  ]
  return lines.length > 0
    ? lines
    : [BLANK, told('dim', `${plain(agent, 200)} has left nothing open`)]
}

function rowLines(mark: string, rows: readonly Row[], keys: readonly string[]): ToldLine[] {
  const lines = rows.slice(0, MOST_ROWS).map((row) => {
    const parts = keys.map((key) => row[key]).filter((each) => each !== null && each !== undefined)
    const isDone = mark === '✉' && row['status'] !== 'sent'
    return told(isDone ? 'dim' : 'text', `${mark} ${plain(parts.map(String).join('  '), 500)}`)
  })
  const more = rows.length - lines.length
  return more === 0 ? lines : [...lines, told('dim', `… ${more} more`)]
}

/** `02:59:20  ✓ completed  research  read the docs`. */
function actLine(line: LedgerLine, now: number): ToldLine {
  const { glyph, word } = ACTION_LOOKS[line.status]
  const text = `${momentText(line.began, now).padEnd(8)}  ${`${glyph} ${word}`.padEnd(11)}  ${plain(line.type, 20)}  ${plain(line.goal, MAX_GOAL)}`
  return told(toneOf(line), text)
}
