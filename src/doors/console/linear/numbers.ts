import type { ConsoleStore } from '../store/state.ts'

/**
 * Numbers for what is read out, in the order in which it first was. None is used again, so a number
 * that is being typed keeps its meaning.
 */
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
    /** The number of what was read out before; what was not cannot be meant. */
    knownNumber: (store: ConsoleStore, id: string): number | undefined =>
      numbers.get(store)?.get(id),
  }
}
