import type { SubjectKind } from '../../../commands/subject.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { RuleRow } from '../../../domain/rules/types.ts'
import type { MirroredNoun } from '../../../journal/types.ts'
import type { LayerOf, UiLayer } from './layer.ts'
import { rowAtCursor } from './listed.ts'
import { eventBySeq, paneRows, policyPaneRow } from './rows.ts'
import type { ConsoleState } from './state.ts'
import { isPane, type PaneName } from './ui.ts'
import { tableOf, type WorldHalf } from './world.ts'

/** Something that keys can be about. */
export interface Subject {
  noun: SubjectKind
  id: string
  row: unknown
}

/** What is under the cursor, nearest first: an approval, then its agent. */
export function subjectsAtCursor(state: ConsoleState): readonly Subject[] {
  const top = state.ui.layers.findLast(({ kind }) => SUBJECT_LAYERS.has(kind))
  if (top !== undefined) return withAgent(state, layerSubject(state, top))
  const { focus } = state.ui
  if (isPane(focus)) return withAgent(state, paneSubject(state, focus))
  const tile = state.ui.tiles.find((t) => t.id === focus)
  return tile === undefined
    ? []
    : withAgent(state, subjectOf(state, 'shell', tile.shell), subjectOf(state, 'agent', tile.agent))
}

const SUBJECT_LAYERS: ReadonlySet<UiLayer['kind']> = new Set([
  'detail',
  'table',
  'list',
  'pairing',
  'logs',
  'text',
  'preview',
])

function layerSubject(state: ConsoleState, layer: UiLayer): Subject | undefined {
  if (layer.kind === 'detail') return subjectOf(state, layer.noun, layer.id)
  if (layer.kind === 'logs') return subjectOf(state, 'agent', layer.agent)
  if (layer.kind === 'table') return tableSubject(state, layer)
  if (layer.kind === 'list') return listSubject(state, layer)
  if (layer.kind === 'pairing') return subjectOf(state, 'pairing', layer.id)
  if (layer.kind === 'preview') return subjectOf(state, 'rule', layer.rule)
  return layer.kind === 'text' && layer.about !== null ? textSubject(state, layer.about) : undefined
}

function textSubject(
  state: ConsoleState,
  { noun, id, row }: NonNullable<LayerOf<'text'>['about']>,
): Subject | undefined {
  if (row === undefined) return subjectOf(state, noun, id)
  return { noun, id: 'id' in row ? String(row.id) : id, row }
}

function listSubject({ ui }: ConsoleState, layer: LayerOf<'list'>): Subject | undefined {
  const row = rowAtCursor(layer, ui.now)
  return row === undefined ? undefined : { noun: layer.face.list.about, id: row.id, row }
}

function tableSubject(
  state: ConsoleState,
  { table: { noun }, cursor }: LayerOf<'table'>,
): Subject | undefined {
  const rows = tableOf(state.world, noun)
  const id = cursor !== null && rows.has(cursor) ? cursor : rows.keys().next().value
  return id === undefined ? undefined : subjectOf(state, noun, id)
}

const NOUNS = { agents: 'agent', approvals: 'approval', audit: 'event' } as const

function paneSubject(state: ConsoleState, pane: PaneName): Subject | undefined {
  const key =
    state.ui.cursor[pane] ??
    (pane === 'audit' ? paneRows(state.world, pane, state.ui.filter.audit)[0] : undefined)
  if (key === undefined) return undefined
  if (pane !== 'policies') return subjectOf(state, NOUNS[pane], key)
  return policyPaneRow(state.world, key)
}

/** A name is that of an agent in a pod, or of one that asks through the API. */
function subjectOf(state: ConsoleState, noun: SubjectKind, id: string): Subject | undefined {
  const row = rowOf(state.world, noun, id)
  if (row !== undefined) return { noun, id, row }
  return noun === 'agent' ? subjectOf(state, 'api_agent', id) : undefined
}

function rowOf(world: WorldHalf, noun: SubjectKind, id: string): unknown {
  if (noun === 'event') return eventBySeq(world, Number(id))
  if (noun === 'rule') return policyPaneRow(world, `rule:${id}`)?.row
  return tableOf(world, noun as MirroredNoun).get(id)
}

const AGENT_OF: Partial<Record<SubjectKind, (row: never) => string>> = {
  approval: (row: { agent: string }) => row.agent,
  shell: (row: { agent: string }) => row.agent,
  action: (row: { agent: string }) => row.agent,
  event: (row: { subject: string }) => row.subject,
  rule: (row: RuleRow) => (row.scope === 'project' ? row.scopeKey : ''),
}

const AGENTS: ReadonlySet<SubjectKind> = new Set(['agent', 'api_agent'])

/** An approval, an event, a shell, a rule for one agent is also about that agent. */
function withAgent(state: ConsoleState, ...found: (Subject | undefined)[]): Subject[] {
  const subjects = found.filter((s) => s !== undefined)
  const first = subjects[0]
  if (first === undefined || subjects.some((s) => AGENTS.has(s.noun))) return subjects
  const name = AGENT_OF[first.noun]?.(first.row as never) ?? ''
  const agent = name === '' ? undefined : subjectOf(state, 'agent', name)
  return agent === undefined ? subjects : [...subjects, agent]
}

/** The pending approvals of an agent. */
export function waitingOf(world: WorldHalf, agent: string): Approval[] {
  return world.waiting
    .map((id) => tableOf(world, 'approval').get(id))
    .filter((a): a is Approval => a?.agent === agent)
}
