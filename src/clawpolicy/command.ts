import {
  programOf,
  programsIn,
  runsAny,
  runsOnly,
  structureOf,
  type Structure,
} from '../command-analysis/structure.ts'

/** A task's command as matching asks about it. It is parsed when the first question needs that. */
export class CommandLine {
  readonly text: string
  readonly #taskType: string

  /**
   * `taskType` tells commands from statements such as `net <authority> GET <url>`, which no shell
   * runs.
   */
  constructor(text: string, taskType: string) {
    this.text = text
    this.#taskType = taskType
  }

  get structure(): Structure {
    return structureOf(this.text)
  }

  /** Whether its first word is its task's type: nothing of it will be run. */
  get isStatement(): boolean {
    return this.#taskType !== 'exec' && this.structure.runs[0]?.words[0] === this.#taskType
  }

  /** Whether any part of it runs what begins with these words. */
  runsAny(words: string): boolean {
    return runsAny(this.structure, words)
  }

  /**
   * Whether it runs nothing but what begins with these words, and nothing after them leads
   * elsewhere.
   */
  runsOnly(words: string): boolean {
    return runsOnly(this.structure, words, this.isStatement)
  }

  /**
   * The programs it runs, and each of their words as `program word`, for the programs that are
   * wanted.
   */
  programs(wanted: (program: string) => boolean): Set<string> {
    return programsIn(this.structure, wanted)
  }

  /** The words of the one program that it runs; undefined where it runs none or several. */
  get onlyWords(): readonly (string | undefined)[] | undefined {
    const { runs } = this.structure
    return runs.length === 1 ? runs[0]?.words : undefined
  }
}

/** The name of the program that a trigger's words begin with, without its path. */
export function programName(words: string): string {
  return programOf(words.split(' ', 1)[0] as string)
}
