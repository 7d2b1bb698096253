import { spawn } from 'node-pty'
import { writeFileSync } from 'node:fs'
import { openEmulator, type Terminal } from '../../src/base/emulator.ts'

/**
 * Draws the README's picture from a real frame: runs the built demo on a PTY, plays a few keys, and writes what the
 * screen shows as SVG. `node tests/support/picture.ts <file.svg> [columns] [rows] [keys…]`; a key that begins with + is a pause in seconds.
 */
// The common monospaced fonts are 0.602 of their size wide, so that lines meet even where `textLength` is not known.
const CELL = { width: 8.4287, height: 16.4, font: 14 }
const GROUND = '#11151c'
const TEXT = '#d5dae3'
const ANSI = [
  '#1b212b',
  '#e06c75',
  '#98c379',
  '#e5c07b',
  '#61afef',
  '#c678dd',
  '#56b6c2',
  '#abb2bf',
  '#5c6370',
  '#f0868e',
  '#b5e890',
  '#ffd68a',
  '#8cc8ff',
  '#dc9ff0',
  '#7fd8e4',
  '#ffffff',
]

async function main([
  file = 'console.svg',
  columns = '150',
  rows = '42',
  ...keys
]: string[]): Promise<void> {
  const size = { columns: Number(columns), rows: Number(rows) }
  const screen = await openEmulator(size, 0)
  const { CI: _ci, NO_COLOR: _plain, ...env } = process.env
  const pty = spawn(
    process.execPath,
    [new URL('../../dist/main.js', import.meta.url).pathname, 'demo'],
    {
      cols: size.columns,
      rows: size.rows,
      name: 'xterm-256color',
      env: { ...env, COLORTERM: 'truecolor', TERM: 'xterm-256color' },
    },
  )
  pty.onData((data) => {
    screen.write(data)
  })
  for (const key of keys.length === 0 ? ['+24', '2', '+1'] : keys) {
    if (key.startsWith('+'))
      await new Promise((resolve) => {
        setTimeout(resolve, Number(key.slice(1)) * 1000)
      })
    else pty.write(key.replaceAll('\\r', '\r').replaceAll('\\e', '\u001b'))
  }
  writeFileSync(file, svg(screen))
  pty.write('q')
  await new Promise((resolve) => {
    pty.onExit(resolve)
  })
  process.exit(0)
}

function svg(screen: Terminal): string {
  const [width, height] = [screen.cols * CELL.width + 24, screen.rows * CELL.height + 24]
  const rows = Array.from({ length: screen.rows }, (_, y) =>
    runsOf(screen, y)
      .map((run) => drawn(run, y))
      .join(''),
  ).filter((row) => row !== '')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(0)} ${height}" font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="${CELL.font}">
<rect width="100%" height="100%" rx="8" fill="${GROUND}"/>
<g transform="translate(12 12)" xml:space="preserve">
${rows.join('\n')}
</g>
</svg>
`
}

interface Run {
  x: number
  text: string
  cells: number
  fg: string
  bg: string
  bold: boolean
  dim: boolean
}

function runsOf(screen: Terminal, y: number): Run[] {
  const line = screen.buffer.active.getLine(y)
  const runs: Run[] = []
  for (let x = 0; x < screen.cols; x++) {
    const cell = line?.getCell(x)
    if (cell === undefined || cell.getWidth() === 0) continue
    const style = styleOf(cell)
    const last = runs.at(-1)
    const text = cell.getChars() === '' ? ' ' : cell.getChars()
    if (last !== undefined && last.x + last.cells === x && alike(last, style)) {
      last.text += text
      last.cells += cell.getWidth()
    } else runs.push({ x, text, cells: cell.getWidth(), ...style })
  }
  return runs
}

type Cell = NonNullable<
  ReturnType<NonNullable<ReturnType<Terminal['buffer']['active']['getLine']>>['getCell']>
>

type Style = Pick<Run, 'fg' | 'bg' | 'bold' | 'dim'>

function styleOf(cell: Cell): Style {
  const [fg, bg] =
    cell.isInverse() !== 0
      ? [colour(cell, 'bg', GROUND), colour(cell, 'fg', TEXT)]
      : [colour(cell, 'fg', TEXT), colour(cell, 'bg', GROUND)]
  return { fg, bg, bold: cell.isBold() !== 0, dim: cell.isDim() !== 0 }
}

function alike(a: Style, b: Style): boolean {
  return a.fg === b.fg && a.bg === b.bg && a.bold === b.bold && a.dim === b.dim
}

function colour(cell: Cell, which: 'fg' | 'bg', otherwise: string): string {
  const value = which === 'fg' ? cell.getFgColor() : cell.getBgColor()
  if (which === 'fg' ? cell.isFgRGB() : cell.isBgRGB())
    return `#${value.toString(16).padStart(6, '0')}`
  if (!(which === 'fg' ? cell.isFgPalette() : cell.isBgPalette())) return otherwise
  return ANSI[value] ?? cube(value)
}

/** The 6×6×6 cube and the grey ramp of 256 colours. */
function cube(value: number): string {
  const step = (n: number) => (n === 0 ? 0 : 55 + n * 40)
  const parts =
    value >= 232
      ? Array.from({ length: 3 }, () => 8 + (value - 232) * 10)
      : [Math.floor((value - 16) / 36), Math.floor((value - 16) / 6) % 6, (value - 16) % 6].map(
          step,
        )
  return `#${parts.map((n) => n.toString(16).padStart(2, '0')).join('')}`
}

function drawn({ x, text, cells, fg, bg, bold, dim }: Run, y: number): string {
  const [left, top] = [(x * CELL.width).toFixed(2), (y * CELL.height).toFixed(1)]
  const width = (cells * CELL.width).toFixed(2)
  const ground =
    bg === GROUND
      ? ''
      : `<rect x="${left}" y="${top}" width="${width}" height="${CELL.height}" fill="${bg}"/>`
  if (text.trim() === '') return ground
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `${ground}<text x="${left}" y="${(y * CELL.height + CELL.height * 0.79).toFixed(1)}" textLength="${width}" lengthAdjust="spacingAndGlyphs" fill="${fg}"${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.6"' : ''}>${escaped}</text>`
}

await main(process.argv.slice(2))
