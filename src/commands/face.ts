import type { Agent } from '../domain/agents/types.ts'
import type { z } from 'zod'
import type { Act, TypedAct } from './act.ts'
import type { Listing } from './listing.ts'
import type { SubjectKind, Subjects } from './subject.ts'
import type { NounTable } from './table.ts'
import type { AnswerKind, KindsOf } from './answers.ts'

/** Headings of the help and the reference. */
export const GROUPS = ['Deck', 'Agents', 'Decisions', 'Learned rules', 'Shells', 'Audit'] as const
export type Group = (typeof GROUPS)[number] | 'Navigation'

/** `many`: it can be repeated, once per value. */
export interface Flag {
  about: string
  short?: string
  value?: string
  many?: boolean
}

/** What the console does itself, or before it sends an act. */
export type ConsoleHandlerName =
  | 'palette'
  | 'filter'
  | 'help'
  | 'open'
  | 'back'
  | 'next-pane'
  | 'previous-pane'
  | 'pane-by-number'
  | 'down'
  | 'up'
  | 'left'
  | 'right'
  | 'page-down'
  | 'page-up'
  | 'top'
  | 'bottom'
  | 'mark'
  | 'zoom'
  | 'next-theme'
  | 'redraw'
  | 'suspend'
  | 'quit'
  | 'attach-pane'
  | 'attach'
  | 'openclaw-tui'
  | 'close-pane'
  | 'create-wizard'
  | 'logs'
  | 'allow'
  | 'deny'
  | 'card-down'
  | 'card-up'
  | 'allow-more'
  | 'edit-and-allow'
  | 'decide-with-reason'
  | 'deny-and-remember'
  | 'why-approval'
  | 'why-rule'
  | 'rule-page'
  | 'confirm-rules'
  | 'try-rule'
  | 'edit-rule'
  | 'merge-rules'
  | 'add-policy'
  | 'show-budget'
  | 'agent-actions'
  | 'action-why'
  | 'action-approval'
  | 'action-agent'
  | 'pair'
  | 'confirm-pairing'
  | 'start-supervisor'
  | 'demo'

/** What the command line does itself. */
export type CliHandlerName =
  | 'console'
  | 'demo'
  | 'init'
  | 'doctor'
  | 'completions'
  | 'reference'
  | 'start-supervisor'
  | 'supervisor-logs'
  | 'attach'
  | 'openclaw-tui'
  | 'join'
  | 'chat-bot'
  | 'freeze'
  | 'thaw'

/** How an act that is not possible can be forced, after a question of its own. */
interface Force {
  /** Whether this agent needs it. */
  if: (agent: Agent) => boolean
  /** The question: to lock what drifted, or to stop what runs, by typing its name. */
  ask: 'relock' | 'stop-first'
}

/** How people use an act, or something that a door does itself: keys, command line, answer. */
export interface Face {
  /** The id of the act, or its own without an act. */
  id: string
  act: TypedAct<unknown> | undefined
  /** What it takes: the input of the act, or what the command line passes. */
  readonly input: z.ZodType | undefined
  /** Short and imperative, for the palette and the hints. */
  title: string
  /** Sentences for help and reference; lists show only the first. */
  help: string
  about: SubjectKind
  /** What else it can be about, by the same name or id. */
  alsoAbout?: readonly SubjectKind[]
  group: Group
  /**
   * Spelling on the command line: words, `<required>`, `[optional]`, `<many...>`, `-- <words...>`.
   * Absent: not on the command line.
   */
  cli?: string
  /** Flags by input key. */
  flags?: Record<string, Flag>
  example?: string
  /**
   * Keys in the console, with a subject of `about` under the cursor (`deck`: anywhere). One that is
   * written twice, as `!!`, is pressed twice.
   */
  keys?: readonly string[]
  /** How the keys are shown if they are many: `1–9`. */
  keysShown?: string
  /** Its place in the footer, lowest first; without one it is only in the help. */
  hint?: number
  /** In the footer only while one of these is under the cursor. */
  hintBeside?: readonly SubjectKind[]
  /** The title in the footer, if the first word of `title` does not say it. */
  short?: string
  /** Shown at the right of the footer. */
  inTail?: boolean
  /** Not in the palette. */
  hidden?: boolean
  danger?: 'confirm' | 'typed'
  /** It acts on all marked rows. */
  many?: boolean
  /** The input key for the name or id of the subject. */
  subjectKey?: string
  /** Why it is not possible for a subject; undefined if it is. */
  unavailable?: (subject: never) => string | undefined
  force?: Force
  /** The status of the subject meanwhile: `stopping`. */
  busy?: string
  /** Not an act, but it needs the supervisor. */
  needsSupervisor?: boolean
  /** What the console does for it. */
  inConsole?: ConsoleHandlerName
  /** Closes the pane of the subject. */
  closesPane?: boolean
  /** What the command line does for it. */
  inCli?: CliHandlerName
  /**
   * Input keys that are paths, which are made absolute. `maybe`: if it looks like one or exists.
   */
  paths?: Record<string, 'always' | 'maybe'>
  /** The input key for what is piped into the command, in base64. */
  stdin?: string
  /** It does not start a supervisor. */
  startsNothing?: boolean
  /** The command ends when the process of the supervisor has. */
  waitsForEnd?: boolean
  /** Its answer is rows of this table; the console shows them live. */
  table?: NounTable
  /** Its answer is a list; the console shows it live. */
  list?: Listing
  /**
   * How the types of events begin after which its answer may be another one: while the console
   * shows it, it asks again after them.
   */
  changedBy?: readonly string[]
  /** It is also asked again after so many milliseconds. */
  changedAfter?: number
  /** The row that keys are about while its answer is shown. */
  rowOf?: (answer: never) => object
  /** How its answer is shown; without a kind, as JSON. */
  answer?: AnswerKind
  /** What was done, in a sentence, instead of the answer. */
  said?: (answer: never) => string
  /** What a phone scans of the answer, if anything: it is drawn as a QR code. */
  qr?: (answer: never) => string | undefined
  /** The exit code for an answer; 0 without one. */
  exit?: (answer: never) => number
}

type FaceOptions<N extends SubjectKind> = Omit<
  Face,
  | 'id'
  | 'act'
  | 'input'
  | 'about'
  | 'unavailable'
  | 'answer'
  | 'said'
  | 'qr'
  | 'exit'
  | 'group'
  | 'rowOf'
> & {
  about: N
  unavailable?: (subject: Subjects[N]) => string | undefined
}

/** The face of an act. */
export function face<O, N extends SubjectKind>(
  act: TypedAct<O>,
  options: FaceOptions<N> & {
    answer?: KindsOf<O>
    said?: (answer: O) => string
    qr?: (answer: O) => string | undefined
    exit?: (answer: O) => number
    rowOf?: (answer: O) => object
  },
): Face {
  return Object.defineProperty(
    { group: 'Deck', ...options, id: act.id, act } as unknown as Face,
    'input',
    {
      get: () => act.input,
    },
  )
}

/** A face without an act: move, filter, attach, check this machine. */
export function screenFace<N extends SubjectKind>(
  id: string,
  { input, ...options }: FaceOptions<N> & { input?: () => z.ZodType },
): Face {
  let schema: z.ZodType | undefined
  return Object.defineProperty(
    { group: 'Navigation', ...options, id, act: undefined } as unknown as Face,
    'input',
    { get: () => (schema ??= input?.()) },
  )
}

/** A face, or an act that only programs use. */
export type RoomCommand = Face | Act

export function isFace(command: RoomCommand): command is Face {
  return 'title' in command
}

/** Puts faces under a heading of the help. */
export function grouped(group: Group, commands: readonly RoomCommand[]): RoomCommand[] {
  for (const command of commands) if (isFace(command)) command.group = group
  return [...commands]
}

/** Whether a face changes anything; those without an act do not. */
export function changes({ act }: Face): boolean {
  return act !== undefined && act.audit({}) !== 'none'
}
