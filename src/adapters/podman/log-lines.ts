import { plain } from '../../base/text.ts'
import type { PodLogLine } from '../../ports/pods.ts'
import { LineSplitter, MAX_LINE_CHARS } from '../line-splitter.ts'

/**
 * Reads lines of the k8s-file format (`<time> stdout|stderr P|F <text>`). Parts (`P`) of a long
 * line are joined until its final part (`F`). A line that becomes too long is returned at once, and
 * the rest of it is dropped. Other lines are ignored.
 */
export function logLineReader(): (line: string) => PodLogLine | undefined {
  const splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() }
  return (line) => {
    const match = FORMAT.exec(line)
    if (!match) return undefined
    const [, at = '', name, part, text = ''] = match
    const stream = name === 'stderr' ? 'stderr' : 'stdout'
    const [joined] = splitters[stream].push(part === 'P' ? text : `${text}\n`)
    return joined === undefined
      ? undefined
      : { at: Date.parse(at), stream, text: plain(joined.replace(/\r$/, ''), MAX_LINE_CHARS) }
  }
}

const FORMAT = /^(\d{4}-\d\d-\d\dT\S+) (stdout|stderr) ([PF]) ?(.*)$/s
