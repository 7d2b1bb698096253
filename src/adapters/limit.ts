export type Gate = <T>(work: () => Promise<T>) => Promise<T>

/** Lets at most `width` pieces of work run at a time, in the order they came; a gate of 1 is a mutex. */
export function gate(width: number): Gate {
  const waiting: (() => void)[] = []
  let inside = 0
  return async (work) => {
    if (inside >= width) await new Promise<void>((enter) => waiting.push(enter))
    else inside++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else inside--
    }
  }
}
