/** A QR code: rows of modules, true for dark ones. */
export type QrModules = readonly (readonly boolean[])[]

/** Light modules around a code, which readers need to find it. */
export const QUIET_MODULES = 4

/** The smallest code for a text, with the least correction: it is read from a screen. */
export async function qrModules(text: string): Promise<QrModules> {
  const { default: qr } = await import('qrcode-terminal')
  let drawn = ''
  qr.generate(text, { small: true }, (code) => {
    drawn = code
  })
  // Two modules in a cell, and one cell of border on every side.
  const rows = drawn
    .split('\n')
    .filter((line) => line !== '')
    .slice(1)
    .map((line) => [...line].slice(1, -1))
  const size = rows[0]?.length ?? 0
  const module = (x: number, y: number): boolean => {
    const cell = rows[y >> 1]?.[x] ?? '█'
    return cell === ' ' || cell === (y % 2 === 0 ? '▄' : '▀')
  }
  return Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (__, x) => module(x, y)),
  )
}

/** Cells that a code takes, with so many light modules around it. */
export function qrSize(code: QrModules, quiet = QUIET_MODULES): { columns: number; rows: number } {
  const size = code.length + 2 * quiet
  return { columns: size, rows: Math.ceil(size / 2) }
}

/** `dark` and `light` are exact colours, whatever the theme of the terminal is. */
const OPEN = { few: '\u001b[30;47m', many: '\u001b[38;5;16;48;5;231m' }
const CLOSE = '\u001b[39;49m'

/**
 * A code in half blocks, two rows of modules in each line, black on white on every theme. With
 * `few` the terminal has 16 colours.
 */
export function qrLines(code: QrModules, quiet: number, colours: 'few' | 'many'): string[] {
  const { columns, rows } = qrSize(code, quiet)
  const dark = (x: number, y: number): boolean => code[y - quiet]?.[x - quiet] ?? false
  return Array.from({ length: rows }, (_, row) => {
    const cells = Array.from(
      { length: columns },
      (__, x) => CELLS[Number(dark(x, 2 * row)) * 2 + Number(dark(x, 2 * row + 1))],
    )
    return `${OPEN[colours]}${cells.join('')}${CLOSE}`
  })
}

/** By whether the upper module is dark, and the lower one. */
const CELLS = [' ', '▄', '▀', '█']
