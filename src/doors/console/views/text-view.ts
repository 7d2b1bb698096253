import { plain } from '../../../base/text.ts'
import type { Layer, TextLine } from '../store/layer.ts'
import type { Piece, Role } from '../theme/theme.ts'
import { wrap } from '../text/width.ts'
import { centred, type Canvas } from './frame.ts'
import type { View } from './view.ts'

const TONES: Record<TextLine['tone'], Role> = {
  text: 'text',
  head: 'title-focus',
  good: 'good',
  warn: 'warn',
  bad: 'bad',
  dim: 'dim',
  json: 'text',
  command: 'strong',
}

/** An answer of the deck as text. */
export function textView(layer: Extract<Layer, { kind: 'text' }>, room: Canvas): View {
  const lines = layer.loading
    ? centred(room, [['dim', 'asking the supervisor…']])
    : textLines(room, layer.lines)
  return { title: layer.title, right: '', lines, scroll: layer.scroll }
}

/** Lines of text drawn: long ones wrapped, JSON coloured. */
export function textLines(room: Canvas, lines: readonly TextLine[]): string[] {
  return lines.flatMap((line) => {
    if (line.tone === 'json')
      return [room.painter.row(room.width, [['text', '  '], ...jsonPieces(line.text)])]
    return hanging(plain(line.text, 8192), room.width - 4).map((text) =>
      room.painter.row(room.width, [
        ['text', line.tone === 'head' ? ' ' : '  '],
        [TONES[line.tone], text],
      ]),
    )
  })
}

const LONGEST_HANG = 24

/** Text in lines, those after the first indented to where the text of the first begins after its name or number. */
function hanging(text: string, cells: number): string[] {
  const name = /^(?:▸ )?\s*\S+(?: \S+)?\s{2,}|^[^\w\s“] |^\s+/.exec(text)?.[0] ?? ''
  if (name.length > LONGEST_HANG || name.length * 2 > cells) return wrap(text, cells, 200)
  return wrap(text.slice(name.length), cells - name.length, 200).map(
    (line, i) => `${i === 0 ? name : ' '.repeat(name.length)}${line}`,
  )
}

/** One line of pretty JSON in pieces. */
function jsonPieces(text: string): Piece[] {
  const match = /^(\s*)("(?:[^"\\]|\\.)*")(: ?)(.*)$/.exec(text)
  if (match === null) return [[/^\s*"/.test(text) ? 'json-text' : 'json-value', plain(text, 4000)]]
  const [, indent = '', key = '', colon = '', value = ''] = match
  return [
    ['text', indent],
    ['json-key', plain(key)],
    ['dim', colon],
    [
      value.startsWith('"') ? 'json-text' : /^[[{]/.test(value) ? 'dim' : 'json-value',
      plain(value, 4000),
    ],
  ]
}

/** Anything as lines of pretty JSON. */
export function jsonLines(value: unknown): TextLine[] {
  return (JSON.stringify(value, null, 2) ?? 'nothing')
    .split('\n')
    .slice(0, 5000)
    .map((text) => ({ tone: 'json', text }))
}
