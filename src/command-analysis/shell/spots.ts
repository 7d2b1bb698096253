import type { Word } from '../word.ts'
import { within, type Place } from '../reading.ts'

/** Whether the shell surely comes to what is next. */
export interface Flow {
  sure: boolean
}

/** Where the reader of a shell's text is. */
export type Spot = Place & { flow: Flow }

/** A place that the shell may not come to. */
export function onlyReached(spot: Spot): Spot {
  return { ...spot, reach: within(spot.reach) }
}

/** In the background: nobody waits for it, and what it does to its shell is not seen. */
export function aside(spot: Spot): Spot {
  return { ...onlyReached(spot), flow: { ...spot.flow } }
}

export function isPlain({ text }: Word): boolean {
  return text !== undefined
}
