/** A wake-up call that is remembered while nobody waits. Several calls count as one. */
export function waker(): { wake: () => void; next: () => Promise<void> } {
  let called = false
  let resume: (() => void) | undefined
  return {
    wake: () => {
      called = true
      resume?.()
    },
    async next() {
      if (!called)
        await new Promise<void>((resolve) => {
          resume = resolve
        })
      called = false
      resume = undefined
    },
  }
}
