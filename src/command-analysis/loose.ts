import { baseName } from './paths.ts'
import type { Table } from './programs/table.ts'

/**
 * Words among which a command could begin anywhere: what a program that is not known is given, code
 * in another language.
 */
export class LooseWords {
  readonly words: readonly string[]
  readonly #table: Table
  #places: Map<string, number[]> | undefined

  constructor(words: readonly string[], table: Table) {
    this.words = words
    this.#table = table
  }

  /** The names of programs that there could be among them, each by its usual one. */
  names(): Iterable<string> {
    return this.#all().keys()
  }

  /** Where a program of this name could begin. */
  placesOf(name: string): readonly number[] {
    return this.#all().get(name) ?? []
  }

  #all(): Map<string, number[]> {
    if (this.#places !== undefined) return this.#places
    const places = new Map<string, number[]>()
    for (const [at, word] of this.words.entries()) {
      const base = baseName(word)
      const name = this.#table.find(base)?.name ?? base
      const known = places.get(name)
      if (known === undefined) places.set(name, [at])
      else known.push(at)
    }
    return (this.#places = places)
  }
}
