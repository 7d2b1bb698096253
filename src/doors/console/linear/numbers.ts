import type { ConsoleStore } from '../store/store.ts'

/** Numbers for what is said, in the order in which it first was, and never given twice: none slides under what is being typed. */
export function numbering() {
  const numbers = new WeakMap<ConsoleStore, Map<string, number>>()
  return {
    numberOf(store: ConsoleStore, id: string): number {
      const known = numbers.get(store) ?? new Map<string, number>()
      numbers.set(store, known)
      const number = known.get(id) ?? known.size + 1
      known.set(id, number)
      return number
    },
    /** The number that was given, if one was: what was never said cannot be meant. */
    given: (store: ConsoleStore, id: string): number | undefined => numbers.get(store)?.get(id),
  }
}
