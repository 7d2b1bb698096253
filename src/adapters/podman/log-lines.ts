import { plain } from '../../base/text.ts'
import type { LogLine } from '../../ports/pods.ts'

const LONGEST = 16 * 1024

/**
 * Puts lines of the k8s-file format (`<time> stdout|stderr P|F <text>`) together: `P` parts of a long line are joined until
 * its `F`, bounded. What is not of this format is left out.
 */
export function logLineReader(): (line: string) => LogLine | undefined {
  const open = { stdout: '', stderr: '' }
  return (line) => {
    const match = FORMAT.exec(line)
    if (!match) return undefined
    const [, at = '', stream, part, text = ''] = match
    const of: 'stdout' | 'stderr' = stream === 'stderr' ? 'stderr' : 'stdout'
    const whole = (open[of] + text).slice(0, LONGEST)
    open[of] = part === 'P' ? whole : ''
    return part === 'P'
      ? undefined
      : { at: Date.parse(at), stream: of, text: plain(whole.replace(/\r$/, ''), LONGEST) }
  }
}

const FORMAT = /^(\d{4}-\d\d-\d\dT\S+) (stdout|stderr) ([PF]) ?(.*)$/s
