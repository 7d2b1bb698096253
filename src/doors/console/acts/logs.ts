import { asFault } from '../../../base/fault.ts'
import type { Layer, LogLine } from '../store/layer.ts'
import { changeLayer, pushLayer } from '../store/store.ts'
import type { Bridge } from './bridge.ts'

/** Lines kept; older ones are let go and counted. */
export const LOG_LINES = 5000
const TAIL = 500
const FLUSH_MS = 33

/** Opens the logs of an agent and follows them until the view is closed. */
export function openLogs(bridge: Bridge, agent: string): void {
  pushLayer(bridge.store, {
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
  const isMine = (l: Layer): boolean => l.kind === 'logs' && l.agent === agent
  const unsubscribe = bridge.store.subscribe((s) => {
    if (!s.ui.layers.some(isMine)) stop.abort()
  })
  void follow(bridge, agent, stop.signal, isMine).finally(unsubscribe)
}

async function follow(
  bridge: Bridge,
  agent: string,
  signal: AbortSignal,
  isMine: (l: Layer) => boolean,
): Promise<void> {
  let news: LogLine[] = []
  let timer: NodeJS.Timeout | undefined
  let last = 0
  const flush = (note?: string): void => {
    timer = undefined
    last = performance.now()
    const more = news
    news = []
    changeLayer(bridge.store, isMine, (l) => {
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
    for await (const item of bridge.link.stream(
      'agent.logs',
      { agent, follow: true, tail: TAIL },
      signal,
    )) {
      news.push(item as LogLine)
      if (news.length > LOG_LINES) news.splice(0, news.length - LOG_LINES)
      // After a quiet moment a line shows at once.
      timer ??= setTimeout(flush, Math.max(0, last + FLUSH_MS - performance.now()))
    }
    clearTimeout(timer)
    flush('the pod prints no more')
  } catch (thrown) {
    clearTimeout(timer)
    if (!signal.aborted) flush(asFault(thrown).message)
  }
}
