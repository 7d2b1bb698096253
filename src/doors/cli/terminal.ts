import type { Readable, Writable } from 'node:stream'
import { plain } from '../../base/text.ts'

/** The streams of a door, as the process has them or as a test makes them. */
export interface Streams {
  stdin: Readable & { isTTY?: boolean }
  stdout: Writable & { isTTY?: boolean; columns?: number; rows?: number }
  stderr: Writable & { isTTY?: boolean }
}

export type Tone = 'dim' | 'good' | 'bad' | 'careful' | 'strong'

/** Draws text in a tone, or leaves it as it is where colour is not wanted. */
export type Paint = (tone: Tone, text: string) => string

const STYLES = {
  dim: 'gray',
  good: 'green',
  bad: 'red',
  careful: 'yellow',
  strong: 'bold',
} as const

/** Colour on a terminal only, and never with `NO_COLOR` or `TERM=dumb`. */
export function painter(stdout: Streams['stdout'], env: NodeJS.ProcessEnv): Paint {
  const wanted = stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  if (!wanted) return (_tone, text) => text
  const { styleText } = process.getBuiltinModule('node:util')
  return (tone, text) => styleText(STYLES[tone], text, { validateStream: false })
}

/** Writes, and waits until there is room for more. A reader that has gone away is no error: there is no one to tell. */
export function write(stream: Writable, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    stream.write(data, () => resolve())
  })
}

/** A cell: text from anywhere, made safe, and its tone. */
export type Cell = string | { text: string; tone: Tone }

/** Lines of columns, each as wide as its widest cell. No rows give `none`. */
export function table(
  paint: Paint,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  none: string,
): string {
  if (rows.length === 0) return `${none}\n`
  const cells = rows.map((row) =>
    row.map((cell) =>
      typeof cell === 'string'
        ? { text: plain(cell, 200), tone: undefined }
        : { text: plain(cell.text, 200), tone: cell.tone },
    ),
  )
  const widths = head.map((title, at) =>
    Math.max(title.length, ...cells.map((row) => [...(row[at]?.text ?? '')].length)),
  )
  const line = (parts: { text: string; tone: Tone | undefined }[]): string =>
    parts
      .map(({ text, tone }, at) => {
        const padded =
          at === parts.length - 1 ? text : text + ' '.repeat((widths[at] ?? 0) - [...text].length)
        return tone === undefined ? padded : paint(tone, padded)
      })
      .join('  ')
      .trimEnd()
  return `${[line(head.map((text) => ({ text, tone: 'dim' as const }))), ...cells.map(line)].join('\n')}\n`
}

/** `key  value` lines; undefined values are left out. */
export function facts(
  paint: Paint,
  pairs: readonly (readonly [string, Cell | undefined])[],
): string {
  const there = pairs.filter((pair): pair is readonly [string, Cell] => pair[1] !== undefined)
  const width = Math.max(0, ...there.map(([key]) => key.length))
  return there
    .map(([key, cell]) => {
      const text = plain(typeof cell === 'string' ? cell : cell.text, 4096)
      return `${paint('dim', key.padEnd(width))}  ${typeof cell === 'string' ? text : paint(cell.tone, text)}\n`
    })
    .join('')
}
