import { plain } from '../../../../base/text.ts'
import { presenceOf } from '../../../../domain/governance/agents/rules.ts'
import type { ApiAgent } from '../../../../domain/governance/agents/types.ts'
import { fit } from '../../text/width.ts'
import type { StyledText, ThemeRole } from '../../theme/theme.ts'
import { cachedLine, type Canvas } from '../frame.ts'
import { lookKey, markPieces, rowBackground, type RowMarks } from './row-marks.ts'

/** What the row of an agent of the API shows besides the agent. */
interface ApiAgentFacts {
  now: number
  asking: number
  heard: number
}

interface ApiAgentLook {
  glyph: string
  role: ThemeRole
  text: string
}

/** An agent of the API as glyph and words: what it waits for, or whether it is there. */
export function apiAgentLook(agent: ApiAgent, { now, asking, heard }: ApiAgentFacts): ApiAgentLook {
  const { state, glyph, text } = presenceOf(agent, now, heard)
  if (asking > 0)
    return { glyph: '◐', role: 'warn', text: asking === 1 ? 'asking' : `asking ${asking}` }
  const task = state === 'online' ? (agent.presence?.task ?? '') : ''
  return {
    glyph,
    role: state === 'online' ? 'good' : 'dim',
    text: plain(task === '' ? text : `${text} · ${task}`, 200),
  }
}

const KIND = 'API '

/** The row of an agent of the API among those in pods: the same columns, without a pod. */
export function drawApiAgentRow(
  canvas: Canvas,
  agent: ApiAgent,
  facts: ApiAgentFacts,
  marks: RowMarks,
): string {
  const { glyph, role, text } = apiAgentLook(agent, facts)
  return cachedLine(agent, `${lookKey(canvas, marks)}${glyph}|${text}`, () => {
    const { width: cells, painter } = canvas
    const name = Math.max(8, Math.min(24, Math.floor(cells * 0.22)))
    const template = cells >= 40 ? Math.max(6, Math.min(16, Math.floor(cells * 0.2))) : 0
    // Names of such agents are longer, and what they are is shorter than a template.
    const room = template === 0 ? name : name + template + 1 - KIND.length
    const pieces: StyledText[] = [
      ...markPieces(marks),
      [role, `${glyph} `],
      ['agent', `${fit(plain(agent.name, 200), room)} `],
      ['dim', template === 0 ? '' : KIND],
      [role === 'good' ? 'text' : role, text],
    ]
    return painter.row(cells, pieces, rowBackground(marks))
  })
}
