import type { MirroredRows } from '../journal/types.ts'
import type { Agent } from '../domain/agents/types.ts'
import type { z } from 'zod'
import type { Act, TypedAct } from './act.ts'
import type { Table } from './table.ts'
import type { AnswerKind, KindsOf } from './answers.ts'

/** What a face may be about: what is under the cursor when its key is pressed. */
export interface Subjects extends MirroredRows {
  event: { seq: number }
  deck: undefined
}

export type Noun = keyof Subjects

/** Where the help and the reference list it. */
export const GROUPS = [
  'The deck',
  'Agents',
  'Decisions',
  'Learned rules',
  'Shells',
  'The record',
] as const
export type Group = (typeof GROUPS)[number] | 'Moving about'

/** `many`: said once for each of its values. */
export interface Flag {
  about: string
  short?: string
  value?: string
  many?: boolean
}

/** What the console does by itself, or instead of sending an act at once. */
export type Deed =
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
  | 'quit'
  | 'attach-pane'
  | 'attach'
  | 'openclaw-tui'
  | 'close-pane'
  | 'create-wizard'
  | 'logs'
  | 'allow'
  | 'deny'
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
  | 'start-supervisor'
  | 'demo'

/** What the command line does in its own process. */
export type LocalDeed =
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

/** A way to do in spite of what speaks against it, asked for by a key of its own. */
export interface Force {
  /** Whether it is needed for this agent, in spite of `unavailable`. */
  if: (agent: Agent) => boolean
  /** What is asked: to lock anew what drifted, or to type the name of what runs. */
  ask: 'relock' | 'stop-first'
}

/** How people meet an act, or something that a door does by itself: key, words, command line, answer. */
export interface Face {
  /** The act's id; of a face without an act, its own. */
  id: string
  act: TypedAct<unknown> | undefined
  /** What it takes: as its act does, or what the command line gives a door. */
  readonly input: z.ZodType | undefined
  /** Imperative, short: the palette line and the hint. */
  title: string
  /** One sentence for `--help` and the reference. */
  help: string
  about: Noun
  group: Group
  /** Command-line spelling: words, `<required>`, `[optional]`, `<many...>`, `-- <words...>`. Absent: not on the command line. */
  cli?: string
  /** Flags by input key. */
  flags?: Record<string, Flag>
  example?: string
  /** Keys in the console, while something of `about` is under the cursor (`deck`: anywhere). */
  keys?: readonly string[]
  /** The keys in a word, where they are too many to list: `1–9`. */
  keysShown?: string
  /** Shown in the footer, most wanted first; absent = only in help. */
  hint?: number
  /** The title in a word for the footer, where its first word does not say it. */
  short?: string
  /** Stands at the right of the footer by itself. */
  inTail?: boolean
  /** Never in the palette. */
  hidden?: boolean
  danger?: 'confirm' | 'typed'
  /** Whether it acts on all the marked rows. */
  many?: boolean
  /** The key of the input that takes the subject's name or id. */
  subjectKey?: string
  /** Why it is not possible for what is under the cursor; undefined when it is. */
  unavailable?: (subject: never) => string | undefined
  force?: Force
  /** What is shown of the subject while it is under way: `stopping`. */
  busy?: string
  /** Works only while the supervisor answers, though it is no act. */
  needsLine?: boolean
  /** Done by the console itself, or before the act is sent. */
  deed?: Deed
  /** The pane of the subject is closed as it is sent. */
  closesPane?: boolean
  /** Done by the command line itself. */
  here?: LocalDeed
  /** Input keys that are paths: made absolute, as the supervisor lives in another folder. `maybe`: what looks like one, or is there. */
  paths?: Record<string, 'always' | 'maybe'>
  /** The input key that takes what is piped into the command, in base64. */
  stdin?: string
  /** Speaks of a supervisor that is there, and never starts one. */
  startsNothing?: boolean
  /** The command ends when the supervisor's process is gone. */
  waitsForEnd?: boolean
  /** Its answer are rows of this table: printed so, and shown live in the console. */
  table?: Table
  /** How its answer is printed; without one, as JSON. */
  answer?: AnswerKind
  /** What was done, in a sentence, instead of printing the answer. */
  said?: (answer: never) => string
  /** The exit code that an answer means; 0 without one. */
  exit?: (answer: never) => number
}

type WrittenFace<N extends Noun> = Omit<
  Face,
  'id' | 'act' | 'input' | 'about' | 'unavailable' | 'answer' | 'said' | 'exit' | 'group'
> & {
  about: N
  unavailable?: (subject: Subjects[N]) => string | undefined
}

/** The face of an act. */
export function face<O, N extends Noun>(
  act: TypedAct<O>,
  written: WrittenFace<N> & {
    answer?: KindsOf<O>
    said?: (answer: O) => string
    exit?: (answer: O) => number
  },
): Face {
  return Object.defineProperty(
    { group: 'The deck', ...written, id: act.id, act } as unknown as Face,
    'input',
    {
      get: () => act.input,
    },
  )
}

/** What a door does by itself: move, filter, attach, check this machine. */
export function screenFace<N extends Noun>(
  id: string,
  { input, ...written }: WrittenFace<N> & { input?: () => z.ZodType },
): Face {
  let schema: z.ZodType | undefined
  return Object.defineProperty(
    { group: 'Moving about', ...written, id, act: undefined } as unknown as Face,
    'input',
    { get: () => (schema ??= input?.()) },
  )
}

/** An act that people meet by its face, or one that only doors use. */
export type Command = Face | Act

export function isFace(command: Command): command is Face {
  return 'title' in command
}

/** Lists the faces among these under one heading of the help. */
export function grouped(group: Group, commands: readonly Command[]): Command[] {
  for (const command of commands) if (isFace(command)) command.group = group
  return [...commands]
}

/** Whether it changes anything; what a door does by itself does not. */
export function changes({ act }: Face): boolean {
  return act !== undefined && act.audit({}) !== 'none'
}
