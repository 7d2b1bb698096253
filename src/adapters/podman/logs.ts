import { accessSync, constants, existsSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { plain } from '../../base/text.ts'
import type { LogLine, PodLogs } from '../../ports/pods.ts'
import { GrowingFile, LONGEST_REST, MOST_LINES, waker } from '../growing-file.ts'
import { demux } from './demux.ts'
import { logLineReader } from './log-lines.ts'
import type { Pods } from './pods.ts'

/**
 * A pod's output. On this machine it is read from the engine's log file and followed by inotify: well under a
 * millisecond, and a slow reader never holds up the pod. Elsewhere it comes through the engine.
 */
export function podmanLogs(pods: Pods): PodLogs {
  return {
    async *read(agent, options) {
      const tail = Math.max(0, Math.min(options.tail, MOST_LINES))
      const found = await pods.get(agent)
      const path = found.HostConfig?.LogConfig?.Path ?? ''
      const near = (await pods.engine.facts()).local && path !== '' && canFollow(dirname(path))
      if (near) yield* readFile(path, { ...options, tail })
      else yield* readEngine(pods, agent, { ...options, tail })
    },
  }
}

/** With `keep-id` a rootless engine gives the folder to the pod's root, whom the person running the deck is not: then the engine is asked. */
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
): AsyncGenerator<LogLine> {
  const wake = waker()
  // The watch begins before the first read, so that nothing falls between the two.
  const watcher = options.follow ? watch(dirname(path), () => wake.ring()) : undefined
  watcher?.on('error', () => wake.ring())
  options.signal.addEventListener('abort', wake.ring, { once: true })
  const file = new GrowingFile(path)
  const next = logLineReader()
  try {
    file.skipToLast(options.tail)
    yield* file
      .more()
      .map(next)
      .filter((line) => line !== undefined)
    while (options.follow && !options.signal.aborted) {
      await wake.next()
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
    options.signal.removeEventListener('abort', wake.ring)
  }
}

async function* readEngine(
  pods: Pods,
  agent: string,
  options: { tail: number; follow: boolean; signal: AbortSignal },
): AsyncGenerator<LogLine> {
  const client = await pods.engine.client()
  const query = `stdout=true&stderr=true&timestamps=true&tail=${options.tail}&follow=${options.follow}`
  const rest = { stdout: '', stderr: '' }
  for await (const frame of demux(
    client.bytes('GET', pods.path(agent, `/logs?${query}`), { signal: options.signal }),
  )) {
    const lines = (rest[frame.stream] + frame.data.toString('utf8')).split('\n')
    rest[frame.stream] = (lines.pop() ?? '').slice(-LONGEST_REST)
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
