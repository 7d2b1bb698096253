import type { WorldFrame } from '../../commands/wire.ts'
import { asFault } from '../../base/fault.ts'
import type { Link } from '../link.ts'
import { setUi, setWorld, toast, type ConsoleStore } from './store/store.ts'
import { applyFrames, type LineState } from './store/world.ts'

/** One store update per frame: so long after the last for what a person waits for, and for mere events. */
const ROWS_MS = 33
const HELD_MS = 16
const EVENTS_MS = 100
const BACKOFF_MS = [200, 500, 1000, 2000, 4000, 8000] as const

export interface Sync { stop(): void; /** A key was pressed: for a while frames come at 60 a second. */ keyed(): void; retry(): void }

/** Mirrors the deck into the store until stopped; reconnects with growing pauses. `seen` is told of every batch. */
export function startSync(store: ConsoleStore, link: Link, seen: (frames: readonly WorldFrame[]) => void): Sync {
  const stop = new AbortController()
  let batch: WorldFrame[] = []
  let timer: NodeJS.Timeout | undefined
  let due = 0
  let last = 0
  let keyedAt = 0
  let wake = (): void => undefined

  const flush = (): void => {
    timer = undefined
    last = performance.now()
    const frames = batch
    batch = []
    setWorld(store, applyFrames(store.getState().world, frames), Date.now())
    seen(frames)
  }
  const schedule = (urgent: boolean): void => {
    const now = performance.now()
    const pause = urgent ? now - keyedAt < 250 ? HELD_MS : ROWS_MS : EVENTS_MS
    const at = Math.max(now, last + pause)
    if (timer !== undefined && due <= at) return
    clearTimeout(timer)
    due = at
    timer = setTimeout(flush, at - now)
  }
  const line = (change: Partial<LineState>): void => store.setState((s) => ({ world: { ...s.world, line: { ...s.world.line, ...change } } }))
  const run = async (): Promise<void> => {
    for (let attempt = 0; !stop.signal.aborted; attempt++) {
      let why = 'the supervisor went away'
      try {
        for await (const frame of link.world(stop.signal)) {
          if (store.getState().world.line.state !== 'live') { if (attempt > 0) toast(store, 'The supervisor is back.', 'good'); attempt = 0; line({ state: 'live', since: Date.now(), attempt: 0, why: '' }) }
          if (frame.kind === 'bye') { why = frame.reason; break }
          batch.push(frame)
          schedule(frame.kind !== 'delta' ? frame.kind === 'world' : frame.rows.length > 0)
        }
      } catch (thrown) { why = asFault(thrown).message }
      if (stop.signal.aborted) return
      const pause = BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length - 1)] ?? 8000
      line({ state: 'lost', why, attempt: attempt + 1, nextAt: Date.now() + pause })
      await new Promise<void>((resolve) => { const t = setTimeout(resolve, pause); wake = () => { clearTimeout(t); resolve() } })
    }
  }
  void run()
  setUi(store, {})
  return {
    stop: () => { stop.abort(); clearTimeout(timer); wake() },
    keyed: () => { keyedAt = performance.now() },
    retry: () => wake(),
  }
}
