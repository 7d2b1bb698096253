import type { WorldFrame } from '../../commands/wire.ts'
import { asFault } from '../../base/fault.ts'
import type { Link } from '../operator/link.ts'
import { isPainted } from './deck-painter.ts'
import { setWorld, toast, type ConsoleStore } from './store/store.ts'
import { applyFrames, type LineState } from './store/world.ts'

/** One store update per frame: so long after the last for what a person waits for, and for mere events. */
const ROWS_MS = 33
const HELD_MS = 16
const EVENTS_MS = 100
/** While something lies over the panes Ink draws all of them, which is dear; only what asks the operator is then worth a frame. */
const COVERED_MS = 250
const BACKOFF_MS = [200, 500, 1000, 2000, 4000, 8000] as const

export interface Sync {
  /** Resolves when the deck is in the store, or its first call has failed. */ first: Promise<void>
  stop(): void
  /** A key was pressed: for a while frames come at 60 a second. */ keyed(): void
  retry(): void
}

type Urgency = 'asks' | 'rows' | 'events'

function urgencyOf(frame: WorldFrame): Urgency {
  if (frame.kind === 'world') return 'asks'
  if (frame.kind !== 'delta' || frame.rows.length === 0) return 'events'
  return frame.rows.some((r) => r.noun === 'approval') ? 'asks' : 'rows'
}

function pauseFor(urgency: Urgency, painted: boolean, keyed: boolean): number {
  if (!painted && urgency !== 'asks') return COVERED_MS
  if (urgency === 'events') return EVENTS_MS
  return keyed ? HELD_MS : ROWS_MS
}

/** Mirrors the deck into the store until stopped; reconnects with growing pauses. `seen` is told of every batch. */
export function startSync(
  store: ConsoleStore,
  link: Link,
  seen: (frames: readonly WorldFrame[]) => void,
): Sync {
  const stop = new AbortController()
  let batch: WorldFrame[] = []
  let timer: NodeJS.Timeout | undefined
  let due = 0
  let last = 0
  let keyedAt = 0
  let wake = (): void => undefined
  const { promise: first, resolve: firstKnown } = Promise.withResolvers<void>()

  const flush = (): void => {
    timer = undefined
    last = performance.now()
    const frames = batch
    batch = []
    const now = Date.now()
    setWorld(store, applyFrames(store.getState().world, frames, now), now)
    seen(frames)
    firstKnown()
  }
  const schedule = (urgency: Urgency): void => {
    const now = performance.now()
    const pause = pauseFor(urgency, isPainted(store.getState()), now - keyedAt < 250)
    const at = Math.max(now, last + pause)
    if (timer !== undefined && due <= at) return
    clearTimeout(timer)
    due = at
    timer = setTimeout(flush, at - now)
  }
  const line = (change: Partial<LineState>): void =>
    store.setState((s) => ({ world: { ...s.world, line: { ...s.world.line, ...change } } }))
  const run = async (): Promise<void> => {
    for (let attempt = 0; !stop.signal.aborted; attempt++) {
      let why = 'the supervisor went away'
      try {
        for await (const frame of link.world(stop.signal)) {
          if (store.getState().world.line.state !== 'live') {
            if (attempt > 0) toast(store, 'The supervisor is back.', 'good')
            attempt = 0
            line({ state: 'live', since: Date.now(), attempt: 0, why: '' })
          }
          if (frame.kind === 'bye') {
            why = frame.reason
            break
          }
          batch.push(frame)
          schedule(urgencyOf(frame))
        }
      } catch (thrown) {
        why = asFault(thrown).message
      }
      firstKnown()
      if (stop.signal.aborted) return
      const pause = BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length - 1)] ?? 8000
      line({ state: 'lost', why, attempt: attempt + 1, nextAt: Date.now() + pause })
      await new Promise<void>((resolve) => {
        const t = setTimeout(resolve, pause)
        wake = () => {
          clearTimeout(t)
          resolve()
        }
      })
    }
  }
  void run()
  return {
    first,
    stop: () => {
      stop.abort()
      clearTimeout(timer)
      wake()
    },
    keyed: () => {
      keyedAt = performance.now()
    },
    retry: () => wake(),
  }
}
