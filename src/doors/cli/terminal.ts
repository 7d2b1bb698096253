import type { Readable, Writable } from 'node:stream'
import { plain } from '../../base/text.ts'

/** The streams of a process, or of a test. */
export interface Streams {
  stdin: Readable & { isTTY?: boolean }
  stdout: Writable & { isTTY?: boolean; columns?: number; rows?: number }
  stderr: Writable & { isTTY?: boolean }
}

export type Tone = 'dim' | 'good' | 'bad' | 'careful' | 'strong'

/** Whether a person is there: input and output are a terminal. */
export function isOnTerminal({ stdin, stdout }: Streams): boolean {
  return stdin.isTTY === true && stdout.isTTY === true
}

/** Colours text by its tone, or returns it unchanged where there is no colour. */
export type Paint = (tone: Tone, text: string) => string

const STYLES = {
  dim: 'gray',
  good: 'green',
  bad: 'red',
  careful: 'yellow',
  strong: 'bold',
} as const

/** Colours only on a terminal, and never with `NO_COLOR` or `TERM=dumb`. */
export function painter(stdout: Streams['stdout'], env: NodeJS.ProcessEnv): Paint {
  const wanted = stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  if (!wanted) return (_tone, text) => text
  const { styleText } = process.getBuiltinModule('node:util')
  return (tone, text) => styleText(STYLES[tone], text, { validateStream: false })
}

/** Writes, and resolves when it was written. A reader that has gone is not an error. */
export function write(stream: Writable, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    stream.write(data, () => resolve())
  })
}

/** A cell of a table. Its text may be untrusted: it is made safe when it is drawn. */
export type Cell = string | { text: string; tone: Tone }

/** A table whose columns are as wide as their widest cells. Without rows it is `none`. */
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

/** `key  value` lines; those without a value are omitted. */
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
