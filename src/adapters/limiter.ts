/** Runs work under a limit of how much may run at the same time. */
export type Limiter = <T>(work: () => Promise<T>) => Promise<T>

/** Runs at most `max` pieces of work at a time, first come, first served. With 1 it is a mutex. */
export function limiter(max: number): Limiter {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= max) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
