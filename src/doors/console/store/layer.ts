import type { NounTable } from '../../../commands/table.ts'
import type { SubjectKind } from '../../../commands/face.ts'
import type { PlaybookRow, RuleDetail } from '../../../domain/rules/types.ts'
import type { Edit } from '../text/edit.ts'
import type { Simulation } from '../../../domain/rules/trials/types.ts'

/** One thing that a form asks. */
export interface FormField {
  key: string
  label: string
  edit: Edit
  about: string
  choices?: readonly string[]
  /** What is to be known about each choice; one that begins with ⚠ is loud. */
  notes?: Readonly<Record<string, string>>
  /** Asked only while another field holds one of these. */
  when?: { key: string; is: readonly string[] }
}

/** What a form does with its answers. `input` is what the act takes besides them. */
export interface FormPurpose {
  actId: string
  input: Record<string, unknown>
  kind: 'act' | 'edit' | 'reason' | 'policy' | 'more' | 'never' | 'rule'
  /** What a choice stands for, where it is not said in the deck's own words. */ values?: Readonly<
    Record<string, string>
  >
}

/** A line of a text view, by what it is. */
export interface TextLine {
  tone: 'text' | 'head' | 'good' | 'warn' | 'bad' | 'dim' | 'json' | 'command'
  text: string
}

export interface LogLine {
  at: number
  stream: string
  text: string
}

/** What lies over the panes, the topmost last: it hears the keys first, and Esc takes it away. */
export type Layer =
  | {
      kind: 'detail'
      noun: Exclude<SubjectKind, 'deck'>
      id: string
      scroll: number
      /** Of a rule: what its row does not say. */ found?: RuleDetail
      problem?: string
    }
  | {
      kind: 'text'
      title: string
      lines: readonly TextLine[]
      scroll: number
      loading: boolean
      about: { noun: SubjectKind; id: string } | null
    }
  | {
      kind: 'logs'
      agent: string
      lines: readonly LogLine[]
      follow: boolean
      scroll: number
      filter: string
      note: string
      dropped: number
    }
  /** What a change of rules would have changed; `act` is what is asked about, if anything. */
  | {
      kind: 'preview'
      title: string
      rule: string
      says: readonly string[]
      act: PendingAct | null
      /** What the rule is part of, which can be done as a whole. */ unit?: PlaybookRow
      found: Simulation | null
      problem: string
      scroll: number
    }
  /** The rows of a noun; `cursor` is the id of the row that keys are about, null for the first. */
  | { kind: 'table'; table: NounTable; cursor: string | null }
  | { kind: 'help'; scroll: number }
  | { kind: 'palette'; edit: Edit; cursor: number; history: number }
  | { kind: 'filter'; pane: string; edit: Edit; before: string }
  | {
      kind: 'confirm'
      title: string
      lines: readonly string[]
      yes: string
      danger: boolean
      right?: string
      act: PendingAct
    }
  | {
      kind: 'typed'
      title: string
      lines: readonly string[]
      word: string
      edit: Edit
      act: PendingAct
    }
  | {
      kind: 'form'
      title: string
      intro: readonly string[]
      fields: readonly FormField[]
      at: number
      problem: string
      busy: boolean
      purpose: FormPurpose
      /** What its answers would have changed. */ trial?: FormTrial
    }
  | {
      kind: 'wizard'
      templates: readonly { name: string; description: string; problem?: string }[] | null
      problem: string
    }

/** What is known of the change that a form would make: `of` names the answers that it was asked for. */
export interface FormTrial {
  of: string
  found: Simulation | null
  problem: string
}

/** An act that waits for the operator's second word; `next` follows when it was done. */
export interface PendingAct {
  actId: string
  inputs: readonly Record<string, unknown>[]
  next?: FormStep | undefined
  /** The form beneath sends it, and stays if that fails. */ form?: boolean
}

/** One of several acts that a form does one after the other. */
export interface FormStep {
  actId: string
  input: Record<string, unknown>
  next?: FormStep | undefined
}

/** Whether a layer takes the whole body, a box over it, or only the last line. */
export function placeOf(layer: Layer): 'body' | 'box' | 'foot' {
  if (
    layer.kind === 'detail' ||
    layer.kind === 'text' ||
    layer.kind === 'table' ||
    layer.kind === 'logs' ||
    layer.kind === 'help' ||
    layer.kind === 'preview'
  )
    return 'body'
  return layer.kind === 'filter' ? 'foot' : 'box'
}

/** The fields of a form that are asked as it stands. */
export function askedFields(fields: readonly FormField[]): FormField[] {
  return fields.filter(
    ({ when }) =>
      when === undefined ||
      when.is.includes(fields.find((f) => f.key === when.key)?.edit.text ?? ''),
  )
}
