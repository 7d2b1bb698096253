/**
 * Awaits a condition: asks again at once, then every few milliseconds, until `probe` answers something other than
 * `undefined` or `false`. Fails with `what` after `withinMs`: long enough for a machine that is slow and busy with other things.
 */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const answer = await probe()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}`)
    await new Promise((again) => setTimeout(again, 5))
  }
}
