import type { WorldFrame } from '../../commands/wire.ts'
import { asFault } from '../../base/fault.ts'
import type { Link } from '../operator/link.ts'
import { isPainted } from './deck-painter.ts'
import type { ConsoleStore } from './store/state.ts'
import { setWorld, toast } from './store/store.ts'
import { applyFrames, type ConnectionState } from './store/world.ts'

/** The least time between two store updates, for rows. */
const ROWS_MS = 33
/** The same while keys are pressed. */
const KEYED_MS = 16
/** The same for events alone. */
const EVENTS_MS = 100
/** Under a view Ink draws all panes, which is costly: only approvals are worth a frame. */
const COVERED_MS = 250
/** After a key, frames come faster for this time. */
const KEYED_FOR_MS = 250
const BACKOFF_MS = [200, 500, 1000, 2000, 4000, 8000] as const

type Urgency = 'asks' | 'rows' | 'events'

function urgencyOf(frame: WorldFrame): Urgency {
  if (frame.kind === 'world') return 'asks'
  if (frame.kind !== 'delta' || frame.rows.length === 0) return 'events'
  return frame.rows.some((r) => r.noun === 'approval') ? 'asks' : 'rows'
}

/** Collects frames, so that the store changes at most once per frame of the screen. */
class FrameBatch {
  #frames: WorldFrame[] = []
  #timer: NodeJS.Timeout | undefined
  #dueAt = 0
  #flushedAt = 0
  #keyedAt = 0
  readonly #store: ConsoleStore
  readonly #onFlush: (frames: readonly WorldFrame[]) => void

  constructor(store: ConsoleStore, onFlush: (frames: readonly WorldFrame[]) => void) {
    this.#store = store
    this.#onFlush = onFlush
  }

  add(frame: WorldFrame): void {
    this.#frames.push(frame)
    const now = performance.now()
    const at = Math.max(now, this.#flushedAt + this.#pauseFor(urgencyOf(frame), now))
    if (this.#timer !== undefined && this.#dueAt <= at) return
    clearTimeout(this.#timer)
    this.#dueAt = at
    this.#timer = setTimeout(() => this.#flush(), at - now)
  }

  keyed(): void {
    this.#keyedAt = performance.now()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #pauseFor(urgency: Urgency, now: number): number {
    if (urgency !== 'asks' && !isPainted(this.#store.getState())) return COVERED_MS
    if (urgency === 'events') return EVENTS_MS
    return now - this.#keyedAt < KEYED_FOR_MS ? KEYED_MS : ROWS_MS
  }

  #flush(): void {
    this.#timer = undefined
    this.#flushedAt = performance.now()
    const frames = this.#frames
    this.#frames = []
    const now = Date.now()
    setWorld(this.#store, applyFrames(this.#store.getState().world, frames, now), now)
    this.#onFlush(frames)
  }
}

/**
 * Mirrors the deck into the store until it is stopped, and reconnects with growing pauses. `seen`
 * is called with every batch of frames, after the store has it.
 */
export function startSync(
  store: ConsoleStore,
  link: Link,
  seen: (frames: readonly WorldFrame[]) => void,
): Sync {
  const sync = new Sync(store, link, seen)
  void sync.run()
  return sync
}

class Sync {
  /** Resolves when the deck is in the store, or connecting has failed once. */
  readonly first: Promise<void>
  readonly #store: ConsoleStore
  readonly #link: Link
  readonly #batch: FrameBatch
  readonly #stop = new AbortController()
  readonly #firstDone: () => void
  #wake: () => void = () => undefined

  constructor(store: ConsoleStore, link: Link, seen: (frames: readonly WorldFrame[]) => void) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#store = store
    this.#link = link
    this.first = promise
    this.#firstDone = resolve
    this.#batch = new FrameBatch(store, (frames) => {
      seen(frames)
      resolve()
    })
  }

  /** A key was pressed: for a moment there are 60 frames a second. */
  keyed(): void {
    this.#batch.keyed()
  }

  /** Connects again without waiting. */
  retry(): void {
    this.#wake()
  }

  stop(): void {
    this.#stop.abort()
    this.#batch.stop()
    this.#wake()
  }

  async run(): Promise<void> {
    const { signal } = this.#stop
    let failures = 0
    while (!signal.aborted) {
      const { why, connected } = await this.#follow(failures > 0)
      if (connected) failures = 0
      this.#firstDone()
      if (signal.aborted) return
      const pause = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)] ?? 8000
      this.#setConnection({ state: 'lost', why, nextAt: Date.now() + pause })
      await this.#wait(pause)
      failures++
    }
  }

  /** Follows the deck until the connection ends. */
  async #follow(isReconnect: boolean): Promise<{ why: string; connected: boolean }> {
    let connected = false
    try {
      for await (const frame of this.#link.world(this.#stop.signal)) {
        if (!connected) {
          connected = true
          if (isReconnect) toast(this.#store, 'Connected to the supervisor again.', 'good')
          this.#setConnection({ state: 'live', why: '' })
        }
        if (frame.kind === 'bye') return { why: frame.reason, connected }
        this.#batch.add(frame)
      }
      return { why: 'the supervisor closed the connection', connected }
    } catch (thrown) {
      return { why: asFault(thrown).message, connected }
    }
  }

  #setConnection(change: Partial<ConnectionState>): void {
    this.#store.setState((s) => ({
      world: { ...s.world, connection: { ...s.world.connection, ...change } },
    }))
  }

  async #wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
