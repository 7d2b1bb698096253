import { appendFileSync, existsSync, statSync, truncateSync, watch } from 'node:fs'
import { join } from 'node:path'
import { plain } from '../../base/text.ts'
import type { PodLogLine, PodLogs } from '../../ports/pods.ts'
import { GrowingFile, MAX_LINES, waker } from '../growing-file.ts'
import type { LocalPods } from './pods.ts'
import { LOG_FILES } from './record.ts'

const MAX_LINE_CHARS = 16 * 1024
/** Larger logs are truncated. */
const MAX_LOG_BYTES = 16 * 1024 * 1024
const STREAMS = ['stdout', 'stderr'] as const

/**
 * A pod's output, which the pod writes to two files so that it continues without a supervisor. They
 * contain no times: old lines get the time of the file's last change, new ones that of being read.
 */
export function localLogs(pods: LocalPods): PodLogs {
  return {
    async *read(agent, { tail, follow, signal }) {
      pods.records.get(agent)
      const folder = pods.records.folder(agent)
      const changes = waker()
      const watcher = follow ? watch(folder, () => changes.wake()) : undefined
      watcher?.on('error', () => changes.wake())
      signal.addEventListener('abort', changes.wake, { once: true })
      const files = STREAMS.map((stream) => ({
        stream,
        path: join(folder, `${stream}.log`),
        file: new GrowingFile(join(folder, `${stream}.log`)),
      }))
      try {
        yield* lastLines(files, Math.max(0, Math.min(tail, MAX_LINES)))
        while (follow && !signal.aborted && existsSync(folder)) {
          for (const { stream, file } of files) {
            for (const text of file.more()) yield lineOf(stream, text, Date.now())
          }
          await changes.next()
        }
      } finally {
        watcher?.close()
        for (const { file } of files) file.close()
        signal.removeEventListener('abort', changes.wake)
      }
    },
  }
}

interface LogFile {
  stream: PodLogLine['stream']
  path: string
  file: GrowingFile
}

/** Truncates logs that are too large, and notes that in them. Their pod just continues to write. */
export function boundLogs(folder: string): void {
  for (const name of LOG_FILES) {
    const path = join(folder, name)
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= MAX_LOG_BYTES) continue
    truncateSync(path)
    appendFileSync(
      path,
      `clawdeck: ${MAX_LOG_BYTES / 1024 / 1024} MiB of output before this line were dropped\n`,
    )
  }
}

/**
 * The last `tail` lines of both files. Without times, the order between the files is only
 * approximate.
 */
function lastLines(files: readonly LogFile[], tail: number): PodLogLine[] {
  const lines = files.flatMap(({ stream, path, file }) => {
    file.skipToLast(tail)
    const at = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    return file.more().map((text) => lineOf(stream, text, Math.round(at)))
  })
  return tail === 0 ? [] : lines.sort((one, other) => one.at - other.at).slice(-tail)
}

function lineOf(stream: PodLogLine['stream'], text: string, at: number): PodLogLine {
  return { at, stream, text: plain(text.replace(/\r$/, ''), MAX_LINE_CHARS) }
}
