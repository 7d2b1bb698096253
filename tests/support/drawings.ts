import fc from 'fast-check'

const n = fc.integer({ min: 0, max: 26 })
const piece = (rows: number) =>
  fc.oneof(
    fc.string({ maxLength: 40 }).map((text) => text.replace(/[\x00-\x1f\x7f-\x9f]/g, '.')),
    fc.constantFrom(
      '你好',
      '🙂',
      'é',
      'a\u0301',
      '\r\n',
      '\n',
      '\r',
      '\b',
      '\t',
      '\x1bM',
      '\x1bD',
      '\x1b7',
      '\x1b8',
      '\x1b[K',
      '\x1b[1K',
      '\x1b[2K',
      '\x1b[J',
      '\x1b[1J',
      '\x1b[2J',
    ),
    fc.tuple(n, n).map(([y, x]) => `\x1b[${y};${x}H`),
    fc
      .tuple(n, fc.constantFrom('A', 'B', 'C', 'D', 'G', 'L', 'M', 'P', 'S', 'T', 'X', '@', 'd'))
      .map(([count, final]) => `\x1b[${count}${final}`),
    fc
      .constantFrom(
        '0',
        '1',
        '7',
        '4;31',
        '38;5;200',
        '48;2;1;2;3',
        '42',
        '95',
        '106',
        '2;3',
        '9;53',
        '39',
        '49',
        '8',
      )
      .map((style) => `\x1b[${style}m`),
    fc
      .constantFrom('1', '25', '6', '7', '1000', '1002', '1003', '1006', '1049', '2004', '1004')
      .chain((mode) => fc.constantFrom(`\x1b[?${mode}h`, `\x1b[?${mode}l`)),
    fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3 }))
      .map(([top, more]) => `\x1b[${top};${Math.min(rows, top + more)}r`),
    fc.constantFrom('\x1b[4h', '\x1b[4l', '\x1b=', '\x1b>', '\x1b(0', '\x1b(B', '\x1b[r'),
  )

/** What programs write to a screen: text of all widths, moves, erases, styles, modes, margins. */
export function drawings(rows: number): fc.Arbitrary<string> {
  return fc.array(piece(rows), { maxLength: 60 }).map((pieces) => pieces.join(''))
}
