import { accessSync, constants, existsSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { plain } from '../../base/text.ts'
import type { PodLogLine, PodLogs } from '../../ports/pods.ts'
import { GrowingFile, MAX_LINES, MAX_UNFINISHED, waker } from '../growing-file.ts'
import { demux } from './demux.ts'
import { logLineReader } from './log-lines.ts'
import type { Pods } from './pods.ts'

/**
 * A pod's output. On this machine it is read from the engine's log file and followed with inotify,
 * which takes well under a millisecond, and a slow reader never blocks the pod. Otherwise the
 * engine sends it.
 */
export function podmanLogs(pods: Pods): PodLogs {
  return {
    async *read(agent, options) {
      const tail = Math.max(0, Math.min(options.tail, MAX_LINES))
      const found = await pods.get(agent)
      const path = found.HostConfig?.LogConfig?.Path ?? ''
      const { local } = await pods.engine.facts()
      if (local && path !== '' && canFollow(dirname(path)))
        yield* readFile(path, { ...options, tail })
      else yield* readEngine(pods, agent, { ...options, tail })
    },
  }
}

/**
 * With `keep-id`, a rootless engine may create the folder for the pod's root, where it cannot be
 * read.
 */
function canFollow(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function* readFile(
  path: string,
  options: { tail: number; follow: boolean; signal: AbortSignal },
): AsyncGenerator<PodLogLine> {
  const changes = waker()
  // The watch begins before the first read, so that nothing in between is missed.
  const watcher = options.follow ? watch(dirname(path), () => changes.wake()) : undefined
  watcher?.on('error', () => changes.wake())
  options.signal.addEventListener('abort', changes.wake, { once: true })
  const file = new GrowingFile(path)
  const next = logLineReader()
  try {
    file.skipToLast(options.tail)
    yield* file
      .more()
      .map(next)
      .filter((line) => line !== undefined)
    while (options.follow && !options.signal.aborted) {
      await changes.next()
      if (options.signal.aborted) return
      for (let lines = file.more(); lines.length > 0; lines = file.more()) {
        for (const text of lines) {
          const line = next(text)
          if (line) yield line
        }
      }
      if (!existsSync(dirname(path))) return
    }
  } finally {
    watcher?.close()
    file.close()
    options.signal.removeEventListener('abort', changes.wake)
  }
}

async function* readEngine(
  pods: Pods,
  agent: string,
  options: { tail: number; follow: boolean; signal: AbortSignal },
): AsyncGenerator<PodLogLine> {
  const client = await pods.engine.client()
  const query = `stdout=true&stderr=true&timestamps=true&tail=${options.tail}&follow=${options.follow}`
  const rest = { stdout: '', stderr: '' }
  for await (const frame of demux(
    client.bytes('GET', pods.path(agent, `/logs?${query}`), { signal: options.signal }),
  )) {
    const lines = (rest[frame.stream] + frame.data.toString('utf8')).split('\n')
    rest[frame.stream] = (lines.pop() ?? '').slice(-MAX_UNFINISHED)
    for (const line of lines) {
      const space = line.indexOf(' ')
      yield {
        at: Date.parse(line.slice(0, space)),
        stream: frame.stream,
        text: plain(line.slice(space + 1)),
      }
    }
  }
}
