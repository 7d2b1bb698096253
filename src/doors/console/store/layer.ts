import type { Noun } from '../../../commands/command.ts'
import type { Edit } from '../text/edit.ts'

/** One thing that a form asks. */
export interface Field { key: string; label: string; edit: Edit; about: string; choices?: readonly string[] }

/** What a form does with its answers. `input` is what the row takes beside them. */
export interface FormPurpose { row: string; input: Record<string, unknown>; kind: 'row' | 'lease' | 'edit' | 'reason' | 'policy' }

/** A line of a text view, by what it is. */
export interface TextLine { tone: 'text' | 'head' | 'good' | 'warn' | 'bad' | 'dim' | 'json' | 'command'; text: string }

export interface LogLine { at: number; stream: string; text: string }

/** What lies over the panes, the topmost last: it hears the keys first, and Esc takes it away. */
export type Layer =
  | { kind: 'detail'; noun: Exclude<Noun, 'deck'>; id: string; scroll: number }
  | { kind: 'text'; title: string; lines: readonly TextLine[]; scroll: number; loading: boolean; about: { noun: Noun; id: string } | null }
  | { kind: 'logs'; agent: string; lines: readonly LogLine[]; follow: boolean; scroll: number; filter: string; note: string; dropped: number }
  | { kind: 'help'; scroll: number }
  | { kind: 'palette'; edit: Edit; cursor: number; history: number }
  | { kind: 'filter'; pane: string; edit: Edit; before: string }
  | { kind: 'confirm'; title: string; lines: readonly string[]; yes: string; danger: boolean; right?: string; act: Pending }
  | { kind: 'typed'; title: string; lines: readonly string[]; word: string; edit: Edit; act: Pending }
  | { kind: 'form'; title: string; intro: readonly string[]; fields: readonly Field[]; at: number; problem: string; busy: boolean; purpose: FormPurpose }
  | { kind: 'wizard'; templates: readonly { name: string; description: string; problem?: string }[] | null; problem: string }

/** An act that waits for the operator's second word. */
export interface Pending { row: string; inputs: readonly Record<string, unknown>[] }

/** Whether a layer takes the whole body, a box over it, or only the last line. */
export function placeOf(layer: Layer): 'body' | 'box' | 'foot' {
  if (layer.kind === 'detail' || layer.kind === 'text' || layer.kind === 'logs' || layer.kind === 'help') return 'body'
  return layer.kind === 'filter' ? 'foot' : 'box'
}
