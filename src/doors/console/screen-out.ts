const SYNC_ENDS = '\u001b[?2026l'

/** Ink's way to the terminal, with a call after each frame that was written. */
export interface ScreenOut {
  stdout: NodeJS.WriteStream
  onFrame(call: () => void): () => void
  rendered(): void
}

/**
 * Ink writes a frame as up to three pieces, some of them later than its `onRender`. What is painted over the frame has
 * to come after all of them, so the frame is over when the synchronised update ends.
 */
export function screenOut(real: NodeJS.WriteStream): ScreenOut {
  const calls = new Set<() => void>()
  let dirty = false
  const over = (): void => {
    if (!dirty) return
    dirty = false
    for (const call of calls) call()
  }
  const write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const done = (real.write as (...args: unknown[]) => boolean).call(real, chunk, ...rest)
    if (chunk === SYNC_ENDS) over()
    else if (chunk.length > 0) dirty = true
    return done
  }
  const stdout = new Proxy(real, {
    get(target, key) {
      if (key === 'write') return write
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return {
    stdout,
    rendered: () => {
      setImmediate(over)
    },
    onFrame(call) {
      calls.add(call)
      return () => {
        calls.delete(call)
      }
    },
  }
}
