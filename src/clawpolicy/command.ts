import { baseName } from '../command-analysis/paths.ts'
import { programsIn, runsAny, runsOnly, states } from '../command-analysis/patterns/kinds.ts'
import { readAgain } from '../command-analysis/line.ts'
import { NO_PROGRAMS, type Table } from '../command-analysis/programs/table.ts'
import type { Command, Line } from '../command-analysis/types.ts'

/** A task's command as matching asks about it. It is parsed when the first question needs that. */
export class CommandLine {
  readonly text: string
  readonly #taskType: string
  readonly #programs: Table

  /**
   * `taskType` tells commands from statements such as `net <authority> GET <url>`, which no shell
   * runs. `programs` are those whose words are understood.
   */
  constructor(text: string, taskType: string, programs: Table = NO_PROGRAMS) {
    this.text = text
    this.#taskType = taskType
    this.#programs = programs
  }

  get line(): Line {
    return readAgain(this.text, this.#programs)
  }

  /** Whether its first word is its task's type: nothing of it will be run. */
  get isStatement(): boolean {
    return this.#taskType !== 'exec' && this.line.commands[0]?.words[0]?.text === this.#taskType
  }

  /** Whether any part of it runs what begins with these words. */
  runsAny(words: string): boolean {
    return runsAny(this.line, words)
  }

  /**
   * Whether it runs nothing but what begins with these words, and nothing after them goes further
   * than their kind.
   */
  runsOnly(words: string): boolean {
    return this.isStatement ? states(this.line, words) : runsOnly(this.line, words)
  }

  /**
   * The programs it runs, and each of their words as `program word`, for the programs that are
   * wanted.
   */
  programs(wanted: (program: string) => boolean): Set<string> {
    return programsIn(this.line, wanted)
  }

  /** The words of the one program that it runs; undefined where it runs none or several. */
  get onlyWords(): readonly (string | undefined)[] | undefined {
    const [only, ...more] = this.line.commands
    return more.every(isModule) ? only?.words.map(({ text }) => text) : undefined
  }
}

/** `python -m pytest` is one program, though the table knows its words by those of `pytest`. */
function isModule({ under }: Command): boolean {
  return under?.command.invocation.options.some(({ option }) => option?.kind === 'module') ?? false
}

/** The name of the program that a trigger's words begin with, without its path. */
export function programName(words: string): string {
  return baseName(words.split(' ', 1)[0] as string)
}
