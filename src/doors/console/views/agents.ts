import { age, bytes, plain } from '../../../base/text.ts'
import type { Agent } from '../../../domain/agents/types.ts'
import type { PodUsage } from '../../../ports/pods.ts'
import type { Piece, Role } from '../theme/theme.ts'
import { cut, fit, width } from '../text/width.ts'
import { memo, type Canvas } from './frame.ts'

/** What an agent is doing: a glyph, a word and the role of both, so that nothing is said by colour alone. */
export function agentLook(agent: Agent): { glyph: string; word: string; role: Role } {
  if (agent.phase === 'up' && agent.asking > 0) return { glyph: '◐', word: 'asking', role: 'warn' }
  return LOOKS[agent.phase]
}

const LOOKS: Record<Agent['phase'], { glyph: string; word: string; role: Role }> = {
  created: { glyph: '○', word: 'created', role: 'dim' },
  starting: { glyph: '◔', word: 'starting', role: 'info' },
  up: { glyph: '●', word: 'up', role: 'good' },
  stopping: { glyph: '◔', word: 'stopping', role: 'info' },
  stopped: { glyph: '○', word: 'stopped', role: 'dim' },
  exited: { glyph: '✕', word: 'exited', role: 'warn' },
  failed: { glyph: '✕', word: 'failed', role: 'bad' },
  drifted: { glyph: '!', word: 'drift', role: 'bad' },
}

/** How the row of an agent stands apart. */
export interface RowMarks {
  cursor: boolean
  focused: boolean
  marked: boolean
}

/** The two cells at the left of a row: the cursor, and whether it is marked. */
export function markPieces(marks: RowMarks): Piece[] {
  return [
    ['title-focus', marks.cursor ? '▸' : ' '],
    ['mark', marks.marked ? '◆' : ' '],
  ]
}

/** The ground of a row. */
export function under(marks: RowMarks): Role | undefined {
  if (!marks.cursor) return undefined
  return marks.focused ? 'cursor' : 'cursor-idle'
}

function statusOf(agent: Agent, now: number, busy: string | undefined): string {
  if (busy !== undefined) return `${busy.toLowerCase()}…`
  if (agent.phase === 'up')
    return agent.asking > 0
      ? agent.asking === 1
        ? 'asking'
        : `asking ${agent.asking}`
      : `up ${age(now - agent.since)}`
  if (agent.phase === 'drifted')
    return `drift: ${agent.drift.map((d) => d.what).join(', ') || 'lock'}`
  if (agent.phase === 'exited')
    return `exited${agent.exitCode === null ? '' : ` ${agent.exitCode}`}`
  return LOOKS[agent.phase].word
}

/** What this machine does not hold the agent to. */
export function loose(agent: Agent): string {
  if (agent.isolation === 'none') return 'not isolated'
  return agent.unenforced.length === 0 ? '' : `not held: ${agent.unenforced.join(', ')}`
}

/** The line of one agent. */
export function agentLine(
  canvas: Canvas,
  agent: Agent,
  usage: PodUsage | undefined,
  now: number,
  busy: string | undefined,
  marks: RowMarks,
): string {
  const status = statusOf(agent, now, busy)
  // Where there is no room for all, that an agent is not isolated matters more than its template and what it uses.
  const crowded = agent.isolation === 'none' && canvas.width < 60
  const use =
    usage === undefined || agent.phase !== 'up' || crowded
      ? ''
      : `${String(Math.round(usage.cpuPercent)).padStart(3)}% ${bytes(usage.memoryBytes).padStart(6)}`
  const key = `${canvas.width}${canvas.painter.name}${canvas.painter.depth}${status}|${use}|${marks.cursor}${marks.focused}${marks.marked}`
  return memo(agent, key, () => {
    const { glyph, role } = agentLook(agent)
    const name = Math.max(8, Math.min(24, Math.floor(canvas.width * 0.22)))
    const kind =
      canvas.width >= 40 && !crowded ? Math.max(6, Math.min(16, Math.floor(canvas.width * 0.2))) : 0
    const tail = use === '' ? 0 : use.length + 1
    const room = Math.max(0, canvas.width - 5 - name - (kind === 0 ? 0 : kind + 1) - tail)
    const note = agent.note !== '' && agent.phase !== 'up' ? ` · ${plain(agent.note, 200)}` : ''
    const pieces: Piece[] = [
      ...markPieces(marks),
      [role, `${glyph} `],
      ['agent', `${fit(agent.name, name)} `],
      ...(kind === 0 ? [] : [['dim', `${fit(agent.template, kind)} `] as Piece]),
      ...statusPieces(role === 'good' ? 'text' : role, status + note, loose(agent), room),
    ]
    if (tail > 0) pieces.push(['number', ` ${use}`])
    return canvas.painter.row(canvas.width, pieces, under(marks))
  })
}

/** The status, and what the agent is not held to, cut where there is no room for both; the sign alone where there is hardly any. */
function statusPieces(role: Role, status: string, warned: string, room: number): Piece[] {
  if (warned === '') return [[role, fit(status, room)]]
  const rest = room - width(status) - 3
  const text = rest < 12 ? '⚠' : cut(`⚠ ${warned}`, rest)
  return [
    [role, fit(status, Math.max(0, room - width(text) - 1))],
    ['warn', ` ${text}`],
  ]
}
