import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import { plain } from '../../base/text.ts'
import type { PodLogLine, PodLogs } from '../../ports/pods.ts'
import { followFiles } from '../follow-files.ts'
import { GrowingFile, MAX_LINES } from '../growing-file.ts'
import { LineSplitter, MAX_LINE_CHARS } from '../line-splitter.ts'
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
  { tail, follow, signal }: { tail: number; follow: boolean; signal: AbortSignal },
): AsyncGenerator<PodLogLine> {
  const file = new GrowingFile(path)
  const lineOf = logLineReader()
  try {
    for (const text of await file.last(tail)) {
      const line = lineOf(text)
      if (line !== undefined) yield line
    }
    if (follow) yield* followFiles([{ file, lineOf }], dirname(path), signal)
  } finally {
    await file.close()
  }
}

async function* readEngine(
  pods: Pods,
  agent: string,
  options: { tail: number; follow: boolean; signal: AbortSignal },
): AsyncGenerator<PodLogLine> {
  const client = await pods.engine.client()
  const query = `stdout=true&stderr=true&timestamps=true&tail=${options.tail}&follow=${options.follow}`
  const splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() }
  for await (const frame of demux(
    client.bytes('GET', pods.path(agent, `/logs?${query}`), { signal: options.signal }),
  )) {
    for (const line of splitters[frame.stream].push(frame.data.toString('utf8'))) {
      const space = line.indexOf(' ')
      yield {
        at: Date.parse(line.slice(0, space)),
        stream: frame.stream,
        text: plain(line.slice(space + 1), MAX_LINE_CHARS),
      }
    }
  }
}
