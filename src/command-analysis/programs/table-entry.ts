import type { ProgramEffect, Level } from './table.ts'

/** A verb as it is written in a file of programs. Lists are texts, their items apart by blanks. */
export interface VerbEntry {
  /** Other names of it. */
  names?: string | undefined
  /**
   * By what they do: `-n,--dry-run`, `-C=inside` (takes a path), `--color[=]` (only glued), `-W*`
   * (all that begin so), `-#` (a number).
   */
  options?: Partial<Record<ProgramEffect, string | undefined>> | undefined
  /** Kinds in order; one may repeat: `inside* write`. */
  operands?: string | undefined
  /** Options that stand for the first operand: `-e -f`, each by one of its names. */
  instead?: string | undefined
  /**
   * What it does by itself, where that is more than the program's usual work: whoever allows it has
   * to name it.
   */
  effect?: ProgramEffect | undefined
  stdin?: 'data' | 'code' | 'commands' | undefined
  stops?: boolean | 'here' | undefined
  global?: boolean | undefined
  wraps?: boolean | undefined
  /** The words of a command that it is another name for. */
  as?: string | undefined
  elsewhere?: boolean | undefined
  /** Another verb, or program, that is the same but for what is said here. */
  like?: string | undefined
  level?: Level | undefined
  risk?: RiskEntry[] | undefined
  verbs?: Record<string, VerbEntry | null> | undefined
}

export interface RiskEntry {
  label: string
  points: number
  level?: Level | undefined
  when?: string | undefined
  unless?: string | undefined
}

export interface ProgramEntry extends VerbEntry {
  about?: string | undefined
  style?: 'gnu' | 'dash' | 'none' | undefined
  bundle?: boolean | undefined
  abbreviates?: boolean | undefined
  answers?: boolean | undefined
  /** Whether a version may stand behind its name: `python3.12`. */
  versioned?: boolean | undefined
  modules?: Record<string, string> | undefined
  settings?: { runs?: string | undefined; plain?: string | undefined } | undefined
  shell?: boolean | undefined
  /** Cases: lines that `<program> *` covers, and lines that it asks about. */
  covers?: string[] | undefined
  asks?: string[] | undefined
}

/** All files of programs together. */
export interface TableEntry {
  programs: Record<string, ProgramEntry>
  variables: string[]
  harmless: string[]
}
