import { age, ago, bytes, count } from '../../../../base/text.ts'
import { frozenText } from '../../../../domain/agents/freezing/rules.ts'
import { ISOLATION_WARNINGS } from '../../../../domain/agents/rules.ts'
import type { Agent } from '../../../../domain/agents/types.ts'
import type { Approval } from '../../../../domain/approvals/types.ts'
import type { Shell } from '../../../../domain/shells/types.ts'
import type { DeckEvent } from '../../../../journal/types.ts'
import type { PodUsage } from '../../../../ports/pods.ts'
import { eventText } from '../../../text/events.ts'
import type { TextLine } from '../../store/layer.ts'
import type { ConsoleState } from '../../store/state.ts'
import { waitingOf } from '../../store/subjects.ts'
import { tableOf } from '../../store/world.ts'
import { BLANK_LINE, factLines, headingLines, textLine } from '../lines.ts'
import { agentStatus } from '../rows/agent-row.ts'
import { timeOfDay } from '../rows/event-row.ts'
import { shortHash, type DetailPage } from './page.ts'

const LATEST_EVENTS = 12

/** What an agent is and does: its pod, its lock, what waits, its shells, its latest events. */
export function agentPage({ world, ui }: ConsoleState, a: Agent): DetailPage {
  const { glyph, word } = agentStatus(a)
  const waiting = waitingOf(world, a.name)
  const shells = [...tableOf(world, 'shell').values()].filter(
    (s) => s.agent === a.name && s.state === 'open',
  )
  const latest = world.events
    .filter((e) => e.subject === a.name)
    .slice(-LATEST_EVENTS)
    .reverse()
  return {
    title: `${a.name} · ${a.template}`,
    right: `${glyph} ${word}`,
    lines: [
      BLANK_LINE,
      ...podLines(a, world.usage[a.name], ui.now),
      ...headingLines('Lock'),
      ...lockLines(a),
      ...headingLines(`Waiting for you: ${waiting.length}`),
      ...waiting.map(waitingLine),
      ...headingLines(`Open shells: ${shells.length}`),
      ...shells.map(shellLine),
      ...headingLines('Latest events'),
      ...latest.map(eventLine),
    ],
  }
}

function podLines(a: Agent, usage: PodUsage | undefined, now: number): TextLine[] {
  const exit = a.exitCode === null ? '' : `, exit ${a.exitCode}`
  const warning = ISOLATION_WARNINGS[a.isolation]
  return [
    ...factLines('state', `${a.phase} for ${age(now - a.since)}${exit}`, phaseTone(a)),
    ...frozenLines(a, now),
    ...factLines('note', a.note, 'warn'),
    ...factLines('wanted', a.wish),
    ...factLines(
      'runs on',
      `${a.backend}, ${warning === '' ? a.isolation : warning.toUpperCase()}`,
      warning === '' ? 'text' : 'warn',
    ),
    ...factLines('not enforced', a.unenforced.join(', '), 'warn'),
    ...factLines('guard door', a.door === '' ? 'closed' : a.door),
    ...factLines('pod', a.podId, 'dim'),
    ...factLines('created', ago(a.createdAt, now)),
    ...factLines('usage', usage === undefined ? '' : usageText(usage)),
  ]
}

function frozenLines({ frozen, name }: Agent, now: number): TextLine[] {
  if (frozen === undefined) return []
  const { at, held, problem, withFleet } = frozen
  const since = `${frozenText(frozen)}, since ${age(now - at)}${withFleet ? ', with the fleet' : ''}`
  return [
    ...factLines('frozen', `❄ ${since}`, 'warn'),
    ...factLines('', held ? 'Nothing of it runs. U lets it go on.' : '', 'dim'),
    ...factLines(
      'not paused',
      problem === '' ? '' : `${problem}: it may still run. Stop ${name}`,
      'bad',
    ),
  ]
}

function phaseTone(a: Agent): TextLine['tone'] {
  const { role } = agentStatus(a)
  return role === 'bad' || role === 'good' ? role : 'text'
}

function usageText({ cpuPercent, memoryBytes, pids }: PodUsage): string {
  return `${cpuPercent.toFixed(0)}% of a core, ${bytes(memoryBytes)}, ${count(pids, 'process', 'processes')}`
}

function lockLines({ drift }: Agent): TextLine[] {
  if (drift.length === 0) return [textLine('good', '✓ matches its lock')]
  return drift.map(({ what, from, to }) =>
    textLine('bad', `✕ ${what}: was ${shortHash(from)}, is ${shortHash(to)}`),
  )
}

function waitingLine({ risk, action }: Approval): TextLine {
  return textLine('warn', `${String(risk.score).padStart(3)}  ${action.type}  ${action.target}`)
}

function shellLine({ title, argv, openedAt, id }: Shell): TextLine {
  return textLine('text', `${title || argv.join(' ')}  since ${timeOfDay(openedAt)}  ${id}`)
}

function eventLine(e: DeckEvent): TextLine {
  return textLine('text', `${timeOfDay(e.at)}  ${e.type.padEnd(22)} ${eventText(e)}`)
}
