import { asFault } from '../../../base/fault.ts'
import type { UiLayer, LogLine } from '../store/layer.ts'
import { changeLayer, pushLayer } from '../store/store.ts'
import type { ConsoleContext } from './context.ts'

/** The latest lines that are kept; older ones are dropped and counted. */
const LOG_LINES = 5000
const TAIL = 500
const FLUSH_MS = 33

/** Shows the logs of an agent and follows them until the view is closed. */
export function openLogs(context: ConsoleContext, agent: string): void {
  pushLayer(context.store, {
    kind: 'logs',
    agent,
    lines: [],
    follow: true,
    scroll: 0,
    filter: '',
    note: '',
    dropped: 0,
  })
  const stop = new AbortController()
  const isMine = (l: UiLayer): boolean => l.kind === 'logs' && l.agent === agent
  const unsubscribe = context.store.subscribe((s) => {
    if (!s.ui.layers.some(isMine)) stop.abort()
  })
  void follow(context, { agent, isMine }, stop.signal).finally(unsubscribe)
}

async function follow(
  { store, link }: ConsoleContext,
  { agent, isMine }: { agent: string; isMine: (l: UiLayer) => boolean },
  signal: AbortSignal,
): Promise<void> {
  let fresh: LogLine[] = []
  let timer: NodeJS.Timeout | undefined
  let last = 0
  const flush = (note?: string): void => {
    timer = undefined
    last = performance.now()
    const more = fresh
    fresh = []
    changeLayer(store, isMine, (l) => {
      if (l.kind !== 'logs') return l
      const all = [...l.lines, ...more]
      const drop = Math.max(0, all.length - LOG_LINES)
      return {
        ...l,
        lines: drop === 0 ? all : all.slice(drop),
        dropped: l.dropped + drop,
        scroll: Math.max(0, l.scroll - drop),
        ...(note === undefined ? {} : { note }),
      }
    })
  }
  try {
    for await (const item of link.stream(
      'agent.logs',
      { agent, follow: true, tail: TAIL },
      signal,
    )) {
      fresh.push(item as LogLine)
      if (fresh.length > LOG_LINES) fresh.splice(0, fresh.length - LOG_LINES)
      // The first line after a pause is shown at once.
      timer ??= setTimeout(flush, Math.max(0, last + FLUSH_MS - performance.now()))
    }
    clearTimeout(timer)
    flush('end of output')
  } catch (thrown) {
    clearTimeout(timer)
    if (!signal.aborted) flush(asFault(thrown).message)
  }
}
