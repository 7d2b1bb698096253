import { MOST_LOOSE } from '../../../command-analysis/reading.ts'
import type { LooseWords } from '../../../command-analysis/loose.ts'
import type { Ban } from '../../../command-analysis/patterns/meets.ts'
import type { Command, Line } from '../../../command-analysis/types.ts'

/** Entries about one program: by the first word after it, and the others. */
interface ProgramEntries<T> {
  readonly others: T[]
  readonly byWord: Map<string, T[]>
}

/** Further operands are not looked up. */
const MAX_OPERANDS = 8

/** Entries by the command that they are about. */
export class ProgramIndex<T> {
  readonly #programs = new Map<string, ProgramEntries<T>>()

  add({ name, words: [first] }: Ban, entry: T): void {
    let entries = this.#programs.get(name)
    if (entries === undefined)
      this.#programs.set(name, (entries = { others: [], byWord: new Map() }))
    if (first === undefined || first === 'any' || /[\\*?]/.test(first.shape))
      entries.others.push(entry)
    else pushTo(entries.byWord, first.shape, entry)
  }

  /** Adds the entries that may be about a command of a line to `found`. */
  collect({ commands, loose }: Line, found: Set<T>): void {
    if (this.#programs.size === 0) return
    for (const command of commands) this.#addCommand(command, found)
    for (const words of loose) this.#addLoose(words, found)
  }

  #addCommand({ invocation, words }: Command, found: Set<T>): void {
    const { name, verbs, operands } = invocation
    const entries = name === undefined ? undefined : this.#programs.get(name)
    if (entries === undefined) return
    // A word that only the shell knows may be any word.
    const some = words.some(({ text }) => text === undefined)
      ? [...entries.byWord.values()].flat()
      : [
          ...verbs.map((verb) => verb.name),
          ...operands.slice(0, MAX_OPERANDS).map(({ word }) => word.text as string),
        ].flatMap((word) => entries.byWord.get(word) ?? [])
    for (const entry of [...entries.others, ...some]) found.add(entry)
  }

  #addLoose(loose: LooseWords, found: Set<T>): void {
    const words = new Set(loose.words.slice(0, MOST_LOOSE))
    for (const name of loose.names()) {
      const entries = this.#programs.get(name)
      if (entries === undefined) continue
      for (const entry of entries.others) found.add(entry)
      const { byWord } = entries
      for (const word of byWord.size < words.size ? byWord.keys() : words)
        if (words.has(word)) for (const entry of byWord.get(word) ?? []) found.add(entry)
    }
  }
}

function pushTo<T>(entries: Map<string, T[]>, key: string, entry: T): void {
  const known = entries.get(key)
  if (known === undefined) entries.set(key, [entry])
  else known.push(entry)
}
