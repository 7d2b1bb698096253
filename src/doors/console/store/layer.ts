import type { Face } from '../../../commands/face.ts'
import type { SubjectKind } from '../../../commands/subject.ts'
import type { ListedRow, Listing } from '../../../commands/listing.ts'
import type { NounTable } from '../../../commands/table.ts'
import type { Simulation } from '../../../domain/rules/trials/types.ts'
import type { PlaybookRow, RuleDetail } from '../../../domain/rules/types.ts'
import type { QrModules } from '../../text/qr.ts'
import type { Edit } from '../text/edit.ts'

/** One field of a form. */
export interface FormField {
  key: string
  label: string
  edit: Edit
  about: string
  choices?: readonly string[]
  /** A note about each choice; one that begins with ⚠ is shown as a warning. */
  notes?: Readonly<Record<string, string>>
  /** Shown only while another field has one of these values. */
  when?: { key: string; is: readonly string[] }
}

/** What a form does with its values. `input` is what the act takes besides them. */
export interface FormPurpose {
  actId: string
  input: Record<string, unknown>
  kind: 'act' | 'edit' | 'reason' | 'policy' | 'more' | 'never' | 'rule'
  /** What a choice stands for, if it is not the value that the act takes. */
  values?: Readonly<Record<string, string>>
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

/** Everything about one thing. */
interface DetailLayer {
  kind: 'detail'
  noun: Exclude<SubjectKind, 'deck'>
  id: string
  scroll: number
  /** Of a rule: what its row does not hold. */
  found?: RuleDetail
  problem?: string
}

/** An answer of the deck. */
interface TextLayer {
  kind: 'text'
  title: string
  lines: readonly TextLine[]
  scroll: number
  loading: boolean
  about: { noun: SubjectKind; id: string; row?: object } | null
  /** Why it could not be asked for again. */
  problem?: string
}

interface LogsLayer {
  kind: 'logs'
  agent: string
  lines: readonly LogLine[]
  follow: boolean
  scroll: number
  filter: string
  note: string
  dropped: number
}

/** What a change of rules would have changed; `act` is what is to be confirmed, if anything. */
interface PreviewLayer {
  kind: 'preview'
  title: string
  rule: string
  says: readonly string[]
  act: PendingAct | null
  /** A playbook with this rule, which can be confirmed as a whole. */
  unit?: PlaybookRow
  found: Simulation | null
  problem: string
  scroll: number
}

/** The rows of a noun. `cursor` is the id of the row that keys are about, null for the first. */
interface TableLayer {
  kind: 'table'
  table: NounTable
  cursor: string | null
}

/** The answer of a face as a live list, or the loaded part of it. */
interface ListLayer {
  kind: 'list'
  face: Face & { list: Listing }
  /** What is asked besides the filter. */
  input: Record<string, unknown>
  filter: string
  /** The id of the row that keys are about; null follows the first row. */
  cursor: string | null
  rows: readonly ListedRow[]
  /** From where to ask on above and below the rows; null at the ends of the list. */
  newer: string | null
  older: string | null
  /** Null until it is known whether there are any rows. */
  loadedFilter: string | null
  loading: boolean
  problem: string
  /** Its scroll position is kept by this object. */
  scrollKey: object
}

/** An offer to trust a device. Its link is known only to whoever made it. */
interface PairingLayer {
  kind: 'pairing'
  id: string
  link: string | null
  /** What is scanned; null where nothing is. */
  qr: QrModules | null
}

/** A question that the key `yes` confirms. With `danger` it is never the key that asked. */
interface ConfirmLayer {
  kind: 'confirm'
  title: string
  lines: readonly string[]
  yes: string
  danger: boolean
  right?: string
  act: PendingAct
}

/**
 * All of what is about to be done. `key` confirms it, once all of it was on the screen: what was
 * not shown is not decided.
 */
interface ReviewLayer {
  kind: 'review'
  /** Its key in the readings. */
  id: string
  title: string
  lines: readonly TextLine[]
  key: string
  /** What the key does, as in `allow all 3`. */
  does: string
  danger: boolean
  act: PendingAct
  scroll: number
}

/** A question that is confirmed by typing `word`. */
interface TypedLayer {
  kind: 'typed'
  title: string
  lines: readonly string[]
  word: string
  edit: Edit
  act: PendingAct
}

interface FormLayer {
  kind: 'form'
  title: string
  intro: readonly string[]
  fields: readonly FormField[]
  at: number
  problem: string
  busy: boolean
  purpose: FormPurpose
  /** What the rule of this form would have changed. */
  trial?: FormTrial
}

interface WizardLayer {
  kind: 'wizard'
  templates: readonly { name: string; description: string; problem?: string }[] | null
  problem: string
}

/** What lies over the panes, the top layer last: it gets the keys first, and Esc removes it. */
export type UiLayer =
  | DetailLayer
  | TextLayer
  | LogsLayer
  | PreviewLayer
  | TableLayer
  | ListLayer
  | PairingLayer
  | { kind: 'help'; scroll: number }
  | { kind: 'palette'; edit: Edit; cursor: number }
  | { kind: 'filter'; pane: string; edit: Edit }
  | ConfirmLayer
  | ReviewLayer
  | TypedLayer
  | FormLayer
  | WizardLayer

/** The layers of one kind. */
export type LayerOf<K extends UiLayer['kind']> = Extract<UiLayer, { kind: K }>

/** The simulation of the rule that a form would make. `of` identifies the values it is for. */
interface FormTrial {
  of: string
  found: Simulation | null
  problem: string
}

/** An act that waits for the operator to confirm it; `next` follows when it is done. */
export interface PendingAct {
  actId: string
  inputs: readonly Record<string, unknown>[]
  next?: FormStep | undefined
  /** The form beneath sends it, and stays open if that fails. */
  form?: boolean
}

/** One of several acts that a form does in turn. */
export interface FormStep {
  actId: string
  input: Record<string, unknown>
  next?: FormStep | undefined
}

const BODY_KINDS: ReadonlySet<UiLayer['kind']> = new Set([
  'detail',
  'text',
  'table',
  'list',
  'pairing',
  'logs',
  'help',
  'preview',
  'review',
])

/** Whether a layer takes the whole body, a box over it, or only the last line. */
export function placeOf({ kind }: UiLayer): 'body' | 'box' | 'foot' {
  if (BODY_KINDS.has(kind)) return 'body'
  return kind === 'filter' ? 'foot' : 'box'
}

/** The fields of a form that are shown with its present values. */
export function askedFields(fields: readonly FormField[]): FormField[] {
  return fields.filter(
    ({ when }) =>
      when === undefined ||
      when.is.includes(fields.find((f) => f.key === when.key)?.edit.text ?? ''),
  )
}

/** Whether confirming what a preview shows takes the second, different key. */
export function needsSecondKey({ found }: Pick<PreviewLayer, 'found'>): boolean {
  return (found?.severe ?? 0) > 0
}
