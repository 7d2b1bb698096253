import { plain } from '../../base/text.ts'
import type { PodLogLine } from '../../ports/pods.ts'

const MAX_LINE_CHARS = 16 * 1024

/**
 * Reads lines of the k8s-file format (`<time> stdout|stderr P|F <text>`). Parts (`P`) of a long
 * line are joined, up to a limit, until its final part (`F`). Other lines are ignored.
 */
export function logLineReader(): (line: string) => PodLogLine | undefined {
  const parts = { stdout: '', stderr: '' }
  return (line) => {
    const match = FORMAT.exec(line)
    if (!match) return undefined
    const [, at = '', name, part, text = ''] = match
    const stream: 'stdout' | 'stderr' = name === 'stderr' ? 'stderr' : 'stdout'
    const joined = (parts[stream] + text).slice(0, MAX_LINE_CHARS)
    parts[stream] = part === 'P' ? joined : ''
    return part === 'P'
      ? undefined
      : { at: Date.parse(at), stream, text: plain(joined.replace(/\r$/, ''), MAX_LINE_CHARS) }
  }
}

const FORMAT = /^(\d{4}-\d\d-\d\dT\S+) (stdout|stderr) ([PF]) ?(.*)$/s
