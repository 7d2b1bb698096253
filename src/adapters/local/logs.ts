import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { plain } from '../../base/text.ts'
import type { PodLogLine, PodLogs } from '../../ports/pods.ts'
import { followFiles } from '../follow-files.ts'
import { GrowingFile, MAX_LINES } from '../growing-file.ts'
import { MAX_LINE_CHARS } from '../line-splitter.ts'
import { logFile } from './monitor.ts'
import type { LocalPods } from './pods.ts'

/**
 * A pod's output, which its monitor stores in two files, so that it continues without a supervisor.
 * They contain no times: old lines get the time of the file's last change, new ones that of being
 * read.
 */
export function localLogs(pods: LocalPods): PodLogs {
  return {
    async *read(agent, { tail, follow, signal }) {
      pods.records.get(agent)
      const folder = pods.records.folder(agent)
      const logs = (['stdout', 'stderr'] as const).map((stream) => {
        const path = logFile(folder, stream)
        return {
          stream,
          path,
          file: new GrowingFile(path),
          lineOf: (text: string) => lineOf({ at: Date.now(), stream, text }),
        }
      })
      try {
        for (const line of await lastLines(logs, Math.max(0, Math.min(tail, MAX_LINES))))
          yield lineOf(line)
        if (!follow) return
        const logFolder = dirname(logFile(folder, 'stdout'))
        // A pod that has not started yet is followed too.
        await mkdir(logFolder, { mode: 0o700 }).catch(() => undefined)
        yield* followFiles(logs, logFolder, signal)
      } finally {
        for (const { file } of logs) await file.close()
      }
    },
  }
}

interface LogFile {
  stream: PodLogLine['stream']
  path: string
  file: GrowingFile
}

/**
 * The last `tail` lines of both files. Without times, the order between the files is only
 * approximate.
 */
async function lastLines(logs: readonly LogFile[], tail: number): Promise<PodLogLine[]> {
  const lines: PodLogLine[] = []
  for (const { stream, path, file } of logs) {
    const texts = await file.last(tail)
    const changed = await stat(path).catch(() => undefined)
    const at = Math.round(changed?.mtimeMs ?? 0)
    for (const text of texts) lines.push({ at, stream, text })
  }
  return tail === 0 ? [] : lines.sort((one, other) => one.at - other.at).slice(-tail)
}

function lineOf({ at, stream, text }: PodLogLine): PodLogLine {
  return { at, stream, text: plain(text.replace(/\r$/, ''), MAX_LINE_CHARS) }
}
