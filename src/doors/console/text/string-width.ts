import type measure from 'string-width'
import { PLAIN } from './plain-cells.ts'

const COLOURS = /\u001b\[[\d;:]*m/g

/**
 * Cells that a text takes on a terminal. In the built program it stands for the package of this name, also where Ink asks for
 * that: the package reads large tables of Unicode when it is loaded and first used, which a first frame of plain text can do without.
 */
function stringWidth(text: string, options: NonNullable<Parameters<typeof measure>[1]> = {}): number {
  if (typeof text === 'string' && options.ambiguousIsNarrow !== false && options.countAnsiEscapeCodes !== true) {
    const bare = text.includes('\u001b') ? text.replace(COLOURS, '') : text
    if (PLAIN.test(bare)) return bare.length
  }
  // By its file, as its name leads here; with `require`, as only then it is loaded late.
  const { default: measured } = require('../../../../node_modules/string-width/index.js') as { default: typeof measure }
  return measured(text, options)
}

// The package's own way to export.
// oxlint-disable-next-line import/no-default-export
export { stringWidth as default }
