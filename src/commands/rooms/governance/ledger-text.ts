import { plain } from '../../../base/text.ts'
import type { AgentWork, DeskTrace } from '../../../domain/governance/ledger/desk.ts'
import type { LedgerPage } from '../../../domain/governance/ledger/types.ts'
import type { Assumption, LedgerRow } from '../../../domain/governance/types.ts'
import { ACTION_LOOKS, costText } from './ledger-list.ts'

/** A table of actions, one a line. */
export function actionLines({ rows: actions, next }: LedgerPage): string {
  if (actions.length === 0 && next === null)
    return 'The ledger is empty. Agents write it over the governance API: clawdeck api on'
  const rows = actions.map((action) => [
    new Date(action.began).toISOString().slice(0, 19).replace('T', ' '),
    `${ACTION_LOOKS[action.status].glyph} ${action.status}`,
    plain(action.agent, 32),
    plain(action.type, 20),
    String(action.risk),
    costText(action.cost),
    `${plain(action.goal, 80)}  ${plain(action.action, 64)}`,
  ])
  return [
    aligned([['BEGAN', 'STATUS', 'AGENT', 'TYPE', 'RISK', 'COST', 'GOAL'], ...rows]),
    ...(next === null ? [] : [`Older ones: add --from ${next}`]),
  ].join('\n')
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** An action as a tree: what it belongs to above it, what belongs to it below. */
export function traceText({ line, action, trace }: DeskTrace): string {
  const parents = trace.parent_chain.toReversed()
  const indent = (depth: number) => (depth === 0 ? '' : `${'   '.repeat(depth - 1)}└─ `)
  const own = parents.length
  const tree = [
    ...parents.map((parent, i) => indent(i) + branch(parent)),
    `${indent(own)}${branch(action)}  ←`,
    ...trace.sub_actions.map((sub) => indent(own + 1) + branch(sub)),
  ]
  const facts: readonly (readonly [string, string | null])[] = [
    ['agent', line.agent],
    ['goal', action.declared_goal],
    ['began', action.timestamp_start],
    ['ended', action.timestamp_end],
    ['took', action.duration_ms === null ? null : `${action.duration_ms} ms`],
    ['cost', costText(action.cost_estimate) || null],
    ['outcome', action.output_summary],
    ['error', action.error_message],
    ['approved by', action.approved_by],
    ['reasoning', action.reasoning],
    ['signed', action.verified ? 'yes, and it was right' : null],
  ]
  return [
    ...tree,
    '',
    ...facts.flatMap(([name, value]) =>
      value === null || value === '' ? [] : [`${name.padEnd(12)} ${plain(value, 500)}`],
    ),
    ...listed('Rests on', trace.assumptions.items, (each) => [
      assumptionMark(each),
      each.assumption,
    ]),
    ...listed('Left open', trace.loops.items, (each) => [
      each.status === 'open' ? '○' : '✓',
      `${each.priority}: ${each.description}`,
    ]),
    ...listed('Look at', trace.root_cause_indicators, (each) => [
      '!',
      `${each.count} ${each.type.replaceAll('_', ' ')}`,
    ]),
  ].join('\n')
}

function assumptionMark({ validated, invalidated }: Assumption): string {
  if (invalidated) return '✗'
  return validated ? '✓' : '?'
}

function branch({
  status,
  action_type: type,
  action_id: id,
  declared_goal: goal,
}: LedgerRow): string {
  return `${ACTION_LOOKS[status].glyph} ${plain(type, 20)}  ${plain(goal, 60)}  ${plain(id, 64)}`
}

function listed<T>(
  title: string,
  items: readonly T[],
  line: (item: T) => readonly [mark: string, text: string],
): string[] {
  if (items.length === 0) return []
  const lines = items.map((item) => {
    const [mark, text] = line(item)
    return `  ${mark} ${plain(text, 300)}`
  })
  return ['', title, ...lines]
}

/** What an agent has left open and works on. */
export function workText({
  agent,
  loops,
  assumptions,
  goals,
  messages,
  handoff,
}: AgentWork): string {
  const text = (row: Readonly<Record<string, unknown>>, ...keys: string[]) =>
    keys
      .map((key) => row[key])
      .filter((value) => value !== null && value !== undefined && value !== '')
      .map(String)
      .join('  ')
  const parts = [
    ...listed('Open loops', loops, (row) => ['○', text(row, 'priority', 'description')]),
    ...listed('Unproven assumptions', assumptions, (row) => ['?', text(row, 'assumption')]),
    ...listed('Goals', goals, (row) => ['●', text(row, 'progress', 'title')]),
    ...listed('Messages to it', messages, (row) => [
      row['status'] === 'sent' ? '●' : '○',
      text(row, 'from_agent_id', 'subject', 'body'),
    ]),
    ...listed('Latest handoff', handoff === null ? [] : [handoff], (row) => [
      '→',
      text(row, 'session_date', 'summary'),
    ]),
  ]
  return parts.length === 0
    ? `${plain(agent, 200)} has left nothing open`
    : parts.slice(1).join('\n')
}
