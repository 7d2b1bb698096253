import { wait } from './harness.ts'
import type { Screen } from './screen.ts'

/** Keys in one direction before the cursor goes back. */
const SWEEP = 20

/**
 * Milliseconds from a key that moves the cursor by a row to the frame that shows it there, each.
 * `row` matches what the cursor can be at, of which there are so many rows.
 */
export async function keysToFrames(
  screen: Screen,
  row: RegExp,
  count: number,
  rows = SWEEP + 1,
): Promise<number[]> {
  const took: number[] = []
  const cursor = new RegExp(`▸\\S* \\S+ (${row.source})`)
  const cursorAt = (text: string): string => cursor.exec(text)?.[1] ?? ''
  const sweep = Math.min(SWEEP, rows - 1)
  let down = true
  for (let i = 0; i < count; i++) {
    const before = cursorAt(screen.text())
    if (i % sweep === 0) down = !down || i === 0
    const pressed = performance.now()
    screen.type(down ? 'j' : 'k')
    took.push((await screen.shows((text) => cursorAt(text) !== before)) - pressed)
    await wait(20 + ((i * 13) % 40))
  }
  return took
}
