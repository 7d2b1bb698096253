import type { ConsoleState } from './state.ts'

/** A selector that runs once per state: React asks for the same one several times a frame. */
export function oncePerState<T>(make: (state: ConsoleState) => T): (state: ConsoleState) => T {
  let last: { state: ConsoleState; made: T } | undefined
  return (state) => {
    if (last?.state !== state) last = { state, made: make(state) }
    return last.made
  }
}
