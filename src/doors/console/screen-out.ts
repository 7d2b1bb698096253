const SYNC_END = '\u001b[?2026l'

/** Ink's way to the terminal. */
interface ScreenOut {
  stdout: NodeJS.WriteStream
  /** Calls after each frame that was written. The returned function ends it. */
  onFrame(call: () => void): () => void
  rendered(): void
}

/**
 * Ink writes a frame in up to three pieces, some of them after its `onRender`. What is painted over
 * a frame must come after all of them, so a frame ends when its synchronised update ends.
 */
export function screenOut(real: NodeJS.WriteStream): ScreenOut {
  const calls = new Set<() => void>()
  let dirty = false
  const frameEnded = (): void => {
    if (!dirty) return
    dirty = false
    for (const call of calls) call()
  }
  const write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const done = (real.write as (...args: unknown[]) => boolean).call(real, chunk, ...rest)
    if (chunk === SYNC_END) frameEnded()
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
      setImmediate(frameEnded)
    },
    onFrame(call) {
      calls.add(call)
      return () => {
        calls.delete(call)
      }
    },
  }
}
