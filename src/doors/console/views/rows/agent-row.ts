import { age, bytes, plain } from '../../../../base/text.ts'
import { ISOLATION_WARNINGS } from '../../../../domain/agents/rules.ts'
import { whoFroze } from '../../../../domain/agents/freezing/rules.ts'
import type { FrozenAgent } from '../../../../domain/agents/freezing/types.ts'
import type { Agent } from '../../../../domain/agents/types.ts'
import type { PodUsage } from '../../../../ports/pods.ts'
import { cut, fit, width } from '../../text/width.ts'
import type { StyledText, ThemeRole } from '../../theme/theme.ts'
import { cachedLine, type Canvas } from '../frame.ts'
import { lookKey, markPieces, rowBackground, type RowMarks } from './row-marks.ts'

interface AgentStatus {
  glyph: string
  word: string
  role: ThemeRole
}

/** An agent's status as glyph and word, so that nothing is shown by colour alone. */
export function agentStatus(agent: Agent): AgentStatus {
  if (agent.frozen !== undefined)
    return { glyph: '❄', word: 'frozen', role: agent.frozen.problem === '' ? 'info' : 'bad' }
  if (agent.phase === 'up' && agent.asking > 0) return { glyph: '◐', word: 'asking', role: 'warn' }
  return STATUSES[agent.phase]
}

const STATUSES: Record<Agent['phase'], AgentStatus> = {
  created: { glyph: '○', word: 'created', role: 'dim' },
  starting: { glyph: '◔', word: 'starting', role: 'info' },
  up: { glyph: '●', word: 'up', role: 'good' },
  stopping: { glyph: '◔', word: 'stopping', role: 'info' },
  stopped: { glyph: '○', word: 'stopped', role: 'dim' },
  exited: { glyph: '✕', word: 'exited', role: 'warn' },
  failed: { glyph: '✕', word: 'failed', role: 'bad' },
  drifted: { glyph: '!', word: 'drift', role: 'bad' },
}

/** The status with its details: `up 2 h`, `asking 2`, `drift: image`. */
function statusText(agent: Agent, now: number, busy: string | undefined): string {
  if (busy !== undefined) return `${busy.toLowerCase()}…`
  if (agent.frozen !== undefined) return frozenStatus(agent, agent.frozen, now)
  if (agent.thawing === true) return 'thawing…'
  if (agent.phase === 'up') return upText(agent, now)
  if (agent.phase === 'drifted')
    return `drift: ${agent.drift.map((d) => d.what).join(', ') || 'lock'}`
  if (agent.phase === 'exited')
    return `exited${agent.exitCode === null ? '' : ` ${agent.exitCode}`}`
  return STATUSES[agent.phase].word
}

/** `frozen 2 m by ada`; without a pod, what it was before. */
function frozenStatus({ phase }: Agent, frozen: FrozenAgent, now: number): string {
  if (frozen.problem !== '') return `NOT PAUSED: ${plain(frozen.problem, 100)}`
  if (!frozen.held) return 'freezing…'
  const was = phase === 'up' ? '' : ` · ${STATUSES[phase].word}`
  return `frozen ${age(now - frozen.at)} by ${whoFroze(frozen)}${was}`
}

function upText({ asking, since }: Agent, now: number): string {
  if (asking === 0) return `up ${age(now - since)}`
  return asking === 1 ? 'asking' : `asking ${asking}`
}

/** Which bounds of an agent this machine does not enforce. */
export function unenforcedText(agent: Agent): string {
  const warning = ISOLATION_WARNINGS[agent.isolation]
  if (warning !== '') return warning
  return agent.unenforced.length === 0 ? '' : `not enforced: ${agent.unenforced.join(', ')}`
}

/** What an agent's row shows besides the agent. */
export interface AgentRowFacts {
  usage: PodUsage | undefined
  now: number
  /** What it is doing, until an act on it is answered. */
  busy: string | undefined
}

export function drawAgentRow(
  canvas: Canvas,
  agent: Agent,
  { usage, now, busy }: AgentRowFacts,
  marks: RowMarks,
): string {
  const status = statusText(agent, now, busy)
  const shown = isCrowded(canvas, agent) || agent.phase !== 'up' ? undefined : usage
  const usageText = shown === undefined ? '' : usageCells(shown)
  return cachedLine(agent, `${lookKey(canvas, marks)}${status}|${usageText}`, () =>
    drawAgent(canvas, agent, { status, usageText }, marks),
  )
}

/** In a narrow pane the warning that an agent is not isolated replaces its template and usage. */
function isCrowded({ width: cells }: Canvas, agent: Agent): boolean {
  return ISOLATION_WARNINGS[agent.isolation] !== '' && cells < 60
}

function usageCells({ cpuPercent, memoryBytes }: PodUsage): string {
  return `${String(Math.round(cpuPercent)).padStart(3)}% ${bytes(memoryBytes).padStart(6)}`
}

function drawAgent(
  canvas: Canvas,
  agent: Agent,
  { status, usageText }: { status: string; usageText: string },
  marks: RowMarks,
): string {
  const { width: cells } = canvas
  const { glyph, role } = agentStatus(agent)
  const name = Math.max(8, Math.min(24, Math.floor(cells * 0.22)))
  const hasTemplate = cells >= 40 && !isCrowded(canvas, agent)
  const template = hasTemplate ? Math.max(6, Math.min(16, Math.floor(cells * 0.2))) : 0
  const tail = usageText === '' ? 0 : usageText.length + 1
  const room = Math.max(0, cells - 5 - name - (hasTemplate ? template + 1 : 0) - tail)
  const note = agent.note !== '' && agent.phase !== 'up' ? ` · ${plain(agent.note, 200)}` : ''
  const pieces: StyledText[] = [
    ...markPieces(marks),
    [role, `${glyph} `],
    ['agent', `${fit(agent.name, name)} `],
  ]
  if (hasTemplate) pieces.push(['dim', `${fit(agent.template, template)} `])
  const text: StyledText = [role === 'good' ? 'text' : role, status + note]
  pieces.push(...statusPieces(text, unenforcedText(agent), room))
  if (tail > 0) pieces.push(['number', ` ${usageText}`])
  return canvas.painter.row(cells, pieces, rowBackground(marks))
}

/** The status and the warning, cut to the room; in little room only the sign of the warning. */
function statusPieces([role, status]: StyledText, warning: string, room: number): StyledText[] {
  if (warning === '') return [[role, fit(status, room)]]
  const rest = room - width(status) - 3
  const text = rest < 12 ? '⚠' : cut(`⚠ ${warning}`, rest)
  return [
    [role, fit(status, Math.max(0, room - width(text) - 1))],
    ['warn', ` ${text}`],
  ]
}
