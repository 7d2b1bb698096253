import type { Word } from './word.ts'
import type { Invocation } from './invocation.ts'
import type { LooseWords } from './loose.ts'

/**
 * How surely a program is started. `always`: whatever happens, in any shell. `reached`: this very
 * program, if the shell gets there (behind `&&`, in a loop, in a syntax that some shells refuse as
 * a whole). `possible`: it could be.
 */
export type Reach = 'always' | 'reached' | 'possible'

/** What a program reads as its standard input, as far as the line says. */
export type Input =
  /** Nothing that the line gives it. */
  | { readonly kind: 'none' }
  /** This very text. */
  | { readonly kind: 'text'; readonly text: string }
  /** A file that the line names. */
  | { readonly kind: 'file'; readonly path: Word }
  /** What another program writes, or a text that only the shell can know. */
  | { readonly kind: 'unknown' }

/** A file that a redirection opens. Duplicated descriptors and `/dev/null` are none. */
export interface Opened {
  readonly how: 'reads' | 'writes'
  readonly path: Word
}

/** A variable that is set for one command, or for what follows. */
export interface Setting {
  readonly name: string
  readonly value: Word
  /** Whether it changes nothing of what is started, whatever its value. */
  readonly harmless: boolean
}

/**
 * One program that a line starts, with its words. The first word is the program; none are there
 * where only variables are set.
 */
export interface Command {
  readonly words: readonly Word[]
  readonly invocation: Invocation
  readonly reach: Reach
  /**
   * The command that starts it, and at which of that one's words it begins, or in which it stands.
   */
  readonly under: { readonly command: Command; readonly at: number } | undefined
  /** Whether it runs in a container or on another machine. */
  readonly elsewhere: boolean
  readonly settings: readonly Setting[]
  readonly input: Input
  readonly opened: readonly Opened[]
  /** The part of the line that it is, redirections included, here-documents not. */
  readonly source: string
  /** It only prints a text that stands in the line: `$(cat <<'E' … E)`. */
  readonly prints: boolean
  /** It runs what it reads: a shell or an interpreter without a script. */
  readonly runsInput: boolean
}

/** What a shell would do with a line. */
export interface Line {
  readonly text: string
  readonly commands: readonly Command[]
  /** Why it cannot be told all that would run; empty where the line is understood. */
  readonly unclear: readonly string[]
  /** Pipelines in which something is run that another part writes, each as a text. */
  readonly streams: readonly string[]
  /**
   * Texts in which a command could begin at any word: what a program that is not known is given,
   * and programs in other languages.
   */
  readonly loose: readonly LooseWords[]
}
