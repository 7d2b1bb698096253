/** Runs what is given for a key one after another, different keys side by side, at most `width` at once. */
export function serialByKey(width: number): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const tails = new Map<string, Promise<unknown>>()
  const waiting: (() => void)[] = []
  let running = 0

  async function slot<T>(work: () => Promise<T>): Promise<T> {
    if (running >= width) await new Promise<void>((go) => { waiting.push(go) })
    else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }

  return (key, work) => {
    const before = tails.get(key) ?? Promise.resolve()
    const mine = before.then(() => slot(work), () => slot(work))
    const quiet = mine.then(() => {}, () => {})
    tails.set(key, quiet)
    void quiet.then(() => { if (tails.get(key) === quiet) tails.delete(key) })
    return mine
  }
}
