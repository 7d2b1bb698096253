import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ControlFilter } from '../../../../src/doors/console/terminal/filter.ts'
import { emulatorWith, seen } from '../../../support/screens.ts'

const passed = (text: string | Buffer) => new ControlFilter().push(Buffer.from(text as string))

describe("what reaches the operator's terminal", () => {
  it.each([
    ['text of any script', 'plain ünï 你好 🙂\r\n\t\b\x07'],
    ['colours and styles', '\x1b[1;38;5;200;48;2;1;2;3m\x1b[4:3mx\x1b[m'],
    ['moves and erases', '\x1b[2;3H\x1b[K\x1b[2J\x1b[1A\x1b[10d\x1b[?2K'],
    ['inserts, scrolls and margins', '\x1b[2@\x1b[3L\x1b[1;5r\x1b[2S\x1bM\x1b7\x1b8'],
    [
      'modes that draw or serve the program',
      '\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1002;1006h\x1b[4h\x1b=\x1b[2 q',
    ],
    ['line drawing', '\x1b(0lqk\x1b(B\x0e\x0f'],
    ['links to the web', '\x1b]8;id=1;https://example.org/a?b=c\x1b\\here\x1b]8;;\x1b\\'],
  ])('%s', (_, text) => expect(passed(text)).toBe(text))

  it.each([
    ['writing the clipboard', '\x1b]52;c;aGVsbG8=\x07'],
    ['reading the clipboard', '\x1b]52;c;?\x1b\\'],
    ['titles', '\x1b]0;a\x07\x1b]2;b\x1b\\\x1bk\x1b\\'],
    ['colours of the terminal itself', '\x1b]4;1;red\x07\x1b]11;#000000\x07\x1b]11;?\x07'],
    [
      'notifications and files',
      '\x1b]9;hey\x07\x1b]777;notify;a;b\x07\x1b]1337;File=:AAAA\x07\x1b]7;file:///etc\x07',
    ],
    ['links to elsewhere', '\x1b]8;;file:///etc/passwd\x07\x1b]8;;javascript:alert(1)\x07'],
    [
      'device control, images, private strings',
      '\x1bP$qm\x1b\\\x1bPq#0;2;0\x1b\\\x1b_Gf=24;AAAA\x1b\\\x1b^pm\x1b\\\x1bXsos\x07more\x1b\\',
    ],
    [
      'questions',
      '\x1b[c\x1b[>c\x1b[=c\x1b[6n\x1b[?6n\x1b[5n\x1b[x\x1b[?2004$p\x1b[>q\x1b[14t\x1b[21t\x1b[?u\x1bZ\x05',
    ],
    ['other keyboards', '\x1b[>1u\x1b[=1u\x1b[<u\x1b[>4;2m\x1b[?9001h\x1b[?1016h'],
    ['windows, printers, the scrollback', '\x1b[8;10;10t\x1b[5i\x1b[?5i\x1b[3J\x1b[22;2t'],
    ['other encodings and 8-bit controls', '\x1b%@\x1b G\x1b#3'],
    ['controls in two bytes of UTF-8', '\u009b6n\u009d52;c;aGk=\u009c\u0090$q\u009c\u009a'],
    ['counts that keep a terminal busy', '\x1b[99999999b\x1b[1;99999L'],
    ['what is unknown', '\x1b[5y\x1b[?12345h\x1b[1{\x1b[1$z\x00\x7f'],
    ['sequences that never end', `\x1b[${'1;'.repeat(5000)}`],
    ['long strings', `\x1b]8;;https://example.org/${'a'.repeat(5000)}\x07`],
  ])('not: %s', (_, text) => expect(passed(text)).toBe(''))

  it('keeps of several modes the known ones', () =>
    expect(passed('\x1b[?25;9001l')).toBe('\x1b[?25l'))
  it('obeys controls within a sequence, as terminals do', () =>
    expect(passed('\x1b[3\r\n1m')).toBe('\r\n\x1b[31m'))
  it('drops what an ESC or CAN cut short', () =>
    expect(passed('\x1b[31\x1b[32mx\x1b]52;c;a\x18y\x1b]0;t\x1b[1mz')).toBe('\x1b[32mxy\x1b[1mz'))
  it('makes invalid bytes visible', () =>
    expect(passed(Buffer.from([0x61, 0x9b, 0x36, 0x6e, 0xff, 0x62]))).toBe('a\ufffd6n\ufffdb'))
  it('turns a full reset into undoing what the pod did', () =>
    expect(passed('\x1b[?25l\x1bc')).toBe('\x1b[?25l\x1b[?25h\x1b[0m\x1b[H\x1b[2J'))

  it('undoes every mode left on, once', () => {
    const filter = new ControlFilter()
    filter.push(
      Buffer.from(
        '\x1b[?1049h\x1b[?25l\x1b[?25h\x1b[?2004h\x1b[?7l\x1b[2;3r\x1b=\x1b(0\x1b[5 q\x1b]8;;http://a.b\x07',
      ),
    )
    expect(filter.undo()).toBe(
      '\x1b[?1049l\x1b[?2004l\x1b[?7h\x1b[r\x1b>\x0f\x1b(B\x1b[0 q\x1b]8;;\x1b\\\x1b[0m',
    )
    expect(filter.undo()).toBe('\x1b[0m')
  })
})

const hostile = fc
  .array(
    fc
      .oneof(
        fc.constantFrom(
          '\x1b',
          '\x1b]',
          ']',
          '52',
          '\x1b]52;c;',
          '\x07',
          '\x1b\\',
          '\x1bP',
          '\x1b_',
          '\x9d',
          '\x9c',
          '\x18',
          '\x1b[',
          '[',
          '?',
          '6',
          'n',
          'c',
          ';',
          '8',
          'https://a.b',
          'm',
          'é',
          '你',
          '🙂',
        ),
        fc.string({ maxLength: 5 }),
      )
      .map((text) => Buffer.from(text)),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.concat(parts))
const anyBytes = fc.oneof(
  hostile,
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
)

describe('whatever a pod prints', () => {
  it('only sequences of known kinds come out', () => {
    // Every ESC that comes out begins one of these, complete; no other control does.
    const clean =
      /^(?:[^\x00-\x06\x10-\x1f\x7f-\x9f]|\x1b\[(?:[0-9;:]*[@A-MPSTXZ`abd-gmr]|\??[0-9;]*[hlJK]|[0-6]? q|!p|[su])|\x1b\]8;[^\x00-\x1f\x7f-\x9f]*\x1b\\|\x1b(?:[78=>DEHMNOno|}~]|#8|[()*+][0-~]))*$/u
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const out = passed(bytes)
        expect(out).toMatch(clean)
        expect(out).not.toContain('\x1b]52')
      }),
      { numRuns: 2000 },
    )
  })

  it('comes out the same however it was cut', () => {
    fc.assert(
      fc.property(
        anyBytes,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (bytes, steps) => {
          const filter = new ControlFilter()
          let out = ''
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const step = steps[i % steps.length] as number
            out += filter.push(bytes.subarray(at, at + step))
            at += step
          }
          expect(out).toBe(passed(bytes))
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('draws what it would have drawn unfiltered', async () => {
    const drawing =
      '\x1b[?1049h\x1b[2J\x1b[1;1H\x1b]0;title\x07\x1b[44m menu \x1b[0m\r\n\x1b(0lqqk\x1b(B 你好\x1b[5;3H\x1b[6n\x1b[1Px\x1b[3;4r\x1b[?25l'
    const size = { columns: 30, rows: 8 }
    expect(seen(await emulatorWith(size, passed(drawing)))).toEqual(
      seen(await emulatorWith(size, drawing)),
    )
  })
})
