import { plain } from '../../../base/text.ts'
import type { LayerOf, TextLine } from '../store/layer.ts'
import { breakLines } from '../text/break-lines.ts'
import { wrap } from '../text/width.ts'
import type { StyledText, ThemeRole } from '../theme/theme.ts'
import { centred, type Canvas } from './frame.ts'
import type { BodyView } from './view.ts'

const TONE_ROLES: Record<TextLine['tone'], ThemeRole> = {
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
export function textView(layer: LayerOf<'text'>, room: Canvas): BodyView {
  const lines = layer.loading
    ? centred(room, [['dim', 'Asking the supervisor…']])
    : textLines(room, layer.lines)
  const right = layer.problem === undefined ? '' : `⚠ ${plain(layer.problem, 120)}`
  return { title: layer.title, right, lines, scroll: layer.scroll }
}

/** Draws lines of text: long ones wrapped, JSON coloured. */
export function textLines(room: Canvas, lines: readonly TextLine[]): string[] {
  return lines.flatMap(({ tone, text }) => {
    if (tone === 'command') return commandLines(room, plain(text, Infinity))
    if (tone === 'json')
      return [room.painter.row(room.width, [['text', '  '], ...jsonPieces(text)])]
    return hanging(plain(text, 8192), room.width - 4).map((line) =>
      room.painter.row(room.width, [
        ['text', tone === 'head' ? ' ' : '  '],
        [TONE_ROLES[tone], line],
      ]),
    )
  })
}

/** A command, of which no character is left out. */
function commandLines(room: Canvas, text: string): string[] {
  return breakLines(text, room.width - 4).map(({ from, to }) =>
    room.painter.row(room.width, [
      ['text', '  '],
      ['strong', text.slice(from, to)],
    ]),
  )
}

const MAX_HANG = 24

/** Wraps a text that begins with a name or a number; its other lines begin after that. */
function hanging(text: string, cells: number): string[] {
  const name = /^(?:▸ )?\s*\S+(?: \S+)?\s{2,}|^[^\w\s“] |^\s+/.exec(text)?.[0] ?? ''
  if (name.length > MAX_HANG || name.length * 2 > cells) return wrap(text, cells, 200)
  return wrap(text.slice(name.length), cells - name.length, 200).map(
    (line, i) => `${i === 0 ? name : ' '.repeat(name.length)}${line}`,
  )
}

/** One line of indented JSON in pieces. */
function jsonPieces(text: string): StyledText[] {
  const match = /^(\s*)("(?:[^"\\]|\\.)*")(: ?)(.*)$/.exec(text)
  if (match === null) return [[/^\s*"/.test(text) ? 'json-text' : 'json-value', plain(text, 4000)]]
  const [, indent = '', key = '', colon = '', value = ''] = match
  return [
    ['text', indent],
    ['json-key', plain(key)],
    ['dim', colon],
    [jsonRole(value), plain(value, 4000)],
  ]
}

function jsonRole(value: string): ThemeRole {
  if (value.startsWith('"')) return 'json-text'
  return /^[[{]/.test(value) ? 'dim' : 'json-value'
}

const MAX_JSON_LINES = 5000

/** Anything as lines of indented JSON. */
export function jsonLines(value: unknown): TextLine[] {
  return (JSON.stringify(value, null, 2) ?? 'nothing')
    .split('\n')
    .slice(0, MAX_JSON_LINES)
    .map((text) => ({ tone: 'json', text }))
}
