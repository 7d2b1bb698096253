import { appendFileSync, existsSync, statSync, truncateSync, watch } from 'node:fs'
import { join } from 'node:path'
import { plain } from '../../base/text.ts'
import type { LogLine, PodLogs } from '../../ports/pods.ts'
import { GrowingFile, MOST_LINES, waker } from '../growing-file.ts'
import type { LocalPods } from './pods.ts'
import { LOG_FILES } from './record.ts'

const LONGEST = 16 * 1024
/** A log is cut when it is larger than this. */
const LARGEST = 16 * 1024 * 1024
const STREAMS = ['stdout', 'stderr'] as const

/**
 * A pod's output, which it writes straight to two files so that it goes on when no supervisor runs. They carry no times:
 * lines that are read later have the time of the file's last change, new ones the time at which they were seen.
 */
export function localLogs(pods: LocalPods): PodLogs {
  return {
    async *read(agent, { tail, follow, signal }) {
      pods.records.get(agent)
      const folder = pods.records.folder(agent)
      const wake = waker()
      const watcher = follow ? watch(folder, () => wake.ring()) : undefined
      watcher?.on('error', () => wake.ring())
      signal.addEventListener('abort', wake.ring, { once: true })
      const files = STREAMS.map((stream) => ({
        stream,
        path: join(folder, `${stream}.log`),
        file: new GrowingFile(join(folder, `${stream}.log`)),
      }))
      try {
        yield* lastOf(files, Math.max(0, Math.min(tail, MOST_LINES)))
        while (follow && !signal.aborted && existsSync(folder)) {
          for (const { stream, file } of files) {
            for (const text of file.more()) yield lineOf(stream, text, Date.now())
          }
          await wake.next()
        }
      } finally {
        watcher?.close()
        for (const { file } of files) file.close()
        signal.removeEventListener('abort', wake.ring)
      }
    },
  }
}

interface LogFile {
  stream: LogLine['stream']
  path: string
  file: GrowingFile
}

/** Cuts a log that grew beyond bounds, and says so in it. Its pod just goes on writing. */
export function boundLogs(folder: string): void {
  for (const name of LOG_FILES) {
    const path = join(folder, name)
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= LARGEST) continue
    truncateSync(path)
    appendFileSync(
      path,
      `clawdeck: ${LARGEST / 1024 / 1024} MiB of output before this line were dropped\n`,
    )
  }
}

/** The last `tail` lines of both files: which file a line is in is known, the order between the files only roughly. */
function lastOf(files: readonly LogFile[], tail: number): LogLine[] {
  const lines = files.flatMap(({ stream, path, file }) => {
    file.skipToLast(tail)
    const at = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    return file.more().map((text) => lineOf(stream, text, Math.round(at)))
  })
  return tail === 0 ? [] : lines.sort((one, other) => one.at - other.at).slice(-tail)
}

function lineOf(stream: LogLine['stream'], text: string, at: number): LogLine {
  return { at, stream, text: plain(text.replace(/\r$/, ''), LONGEST) }
}
