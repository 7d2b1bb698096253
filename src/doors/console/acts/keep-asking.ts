import type { Face } from '../../../commands/face.ts'
import type { ConsoleState } from '../store/state.ts'
import type { ConsoleContext } from './context.ts'

/** An answer that may have changed is asked for again after this time at the earliest. */
const PAUSE_MS = 200

interface Asking {
  /** Whether what is asked for is still shown. */
  isOpen(): boolean
  /** What to ask now, if anything. `changed`: what is shown may be out of date. */
  next(changed: boolean): (() => Promise<void>) | undefined
}

/**
 * Keeps what is shown of a face's answer up to date: it is asked for at first, after events that
 * may change it, and after the connection was lost; one question at a time, until it is closed.
 */
export function keepAsking(
  { store }: Pick<ConsoleContext, 'store'>,
  { changedBy = [], changedAfter }: Pick<Face, 'changedBy' | 'changedAfter'>,
  asking: Asking,
): void {
  let changed = true
  let busy = false
  let askedAt = -Infinity
  let timer: NodeJS.Timeout | undefined
  let before = store.getState()
  const tick =
    changedAfter === undefined
      ? undefined
      : setInterval(() => {
          changed = true
          look()
        }, changedAfter)

  function stop(): void {
    unsubscribe()
    clearTimeout(timer)
    clearInterval(tick)
  }

  function look(): void {
    if (!asking.isOpen()) {
      stop()
      return
    }
    const state = store.getState()
    changed ||= mayDiffer(before, state, changedBy)
    before = state
    if (busy || state.world.connection.state !== 'live') return
    const rest = askedAt + PAUSE_MS - performance.now()
    const isDue = changed && rest <= 0
    const ask = asking.next(isDue)
    if (ask !== undefined) void run(ask, isDue)
    else if (changed)
      timer ??= setTimeout(() => {
        timer = undefined
        look()
      }, rest)
  }

  async function run(ask: () => Promise<void>, isDue: boolean): Promise<void> {
    busy = true
    if (isDue) {
      changed = false
      askedAt = performance.now()
    }
    await ask()
    busy = false
    look()
  }

  const unsubscribe = store.subscribe(look)
  look()
}

/** Whether something happened between two states that may change an answer. */
function mayDiffer(
  { world: before }: ConsoleState,
  { world }: ConsoleState,
  changedBy: readonly string[],
): boolean {
  if (world === before) return false
  if (world.connection.state === 'live' && before.connection.state !== 'live') return true
  for (let i = world.events.length - 1; i >= 0; i--) {
    const { seq, type } = world.events[i] as { seq: number; type: string }
    if (seq <= before.seq) return false
    if (changedBy.some((beginning) => type.startsWith(beginning))) return true
  }
  return false
}
