import type { Kind, Node, Option, Program } from './programs/table.ts'
import type { Word } from './word.ts'

/** An option as it stands in a command. */
export interface Given {
  /** Undefined for one that the table does not know. */
  readonly option: Option | undefined
  /** Its name as it is written, without a value: `-f` also where it stands as `-vf`. */
  readonly written: string
  readonly value: Word | undefined
  /** Places of the word that it is in, and of its value. */
  readonly at: number
  readonly valueAt: number
}

export interface Operand {
  readonly word: Word
  readonly at: number
  readonly kind: Kind
}

/** Why a command is not read beyond doubt, and at which of its words. */
export interface Doubt {
  readonly at: number
  readonly why:
    /** The shell decides what stands where an option, or a verb, may stand. */
    | 'open'
    /** An option that the table does not know: whether it takes a value cannot be told either. */
    | 'option'
    /** A verb that the table does not know. */
    | 'verb'
    /** The value of an option looks like an option. */
    | 'value'
}

/** A verb as it stands in a command. */
export interface Spoken {
  /** Its usual name. */
  readonly name: string
  readonly node: Node
  readonly at: number
}

/** A command's words, as its program reads them. */
export interface Invocation {
  readonly program: Program | undefined
  /**
   * The program's usual name, or the one that was used, without a folder. Undefined where only the
   * shell can know.
   */
  readonly name: string | undefined
  /** The verb that was reached, or the program itself. */
  readonly node: Node | undefined
  readonly verbs: readonly Spoken[]
  readonly options: readonly Given[]
  readonly operands: readonly Operand[]
  readonly doubts: readonly Doubt[]
  /** Whether it only tells something, and starts nothing. */
  readonly inert: boolean
}
