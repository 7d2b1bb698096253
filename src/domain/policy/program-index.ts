import type { LooseWords } from '../../command-analysis/loose.ts'
import type { Ban } from '../../command-analysis/meets.ts'
import type { Command, Line } from '../../command-analysis/types.ts'

/** Rows about one program: those about a word behind it, by that word, and all others. */
interface OfProgram<Row> {
  readonly others: Row[]
  readonly byWord: Map<string, Row[]>
}

/** More operands are looked at only by rows about their program as a whole. */
const MOST_OPERANDS = 8
/** The same for words among which a command could begin anywhere. */
const MOST_LOOSE = 64

/** Rows by the command that they mean, so that most are never looked at. */
export class ProgramIndex<Row> {
  readonly #programs = new Map<string, OfProgram<Row>>()

  add({ name, words: [first] }: Ban, row: Row): void {
    let rows = this.#programs.get(name)
    if (rows === undefined) this.#programs.set(name, (rows = { others: [], byWord: new Map() }))
    if (first === undefined || first === 'any' || /[\\*?]/.test(first.shape)) rows.others.push(row)
    else pushTo(rows.byWord, first.shape, row)
  }

  /** Adds the rows that may mean a command of a line. */
  collect({ commands, loose }: Line, near: Set<Row>): void {
    if (this.#programs.size === 0) return
    for (const command of commands) this.#about(command, near)
    for (const words of loose) this.#among(words, near)
  }

  #about({ invocation, words }: Command, near: Set<Row>): void {
    const { name, verbs, operands } = invocation
    const rows = name === undefined ? undefined : this.#programs.get(name)
    if (rows === undefined) return
    // A word that only the shell knows may be any of them.
    const some = words.some(({ text }) => text === undefined)
      ? [...rows.byWord.values()].flat()
      : [
          ...verbs.map((verb) => verb.name),
          ...operands.slice(0, MOST_OPERANDS).map(({ word }) => word.text as string),
        ].flatMap((word) => rows.byWord.get(word) ?? [])
    for (const row of [...rows.others, ...some]) near.add(row)
  }

  #among(loose: LooseWords, near: Set<Row>): void {
    for (const name of loose.names()) {
      const rows = this.#programs.get(name)
      if (rows === undefined) continue
      for (const row of rows.others) near.add(row)
      for (const word of loose.words.slice(0, MOST_LOOSE))
        for (const row of rows.byWord.get(word) ?? []) near.add(row)
    }
  }
}

function pushTo<Row>(rows: Map<string, Row[]>, key: string, row: Row): void {
  const known = rows.get(key)
  if (known === undefined) rows.set(key, [row])
  else known.push(row)
}
