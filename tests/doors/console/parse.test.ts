import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyParser, type Key } from '../../../src/doors/console/keys/parse.ts'

const names = (keys: Key[]): string[] => keys.map((k) => k.name)
const feed = (text: string): string[] => names(new KeyParser().feed(Buffer.from(text)))

describe('keys from bytes', () => {
  test('a lump of keys is split', () => {
    expect(feed('jjj')).toEqual(['j', 'j', 'j'])
  })
  test('names what has no letter', () => {
    expect(feed('\r\t\u007f \u0003\u001b[A\u001bOB\u001b[5~\u001b[Z')).toEqual([
      'enter',
      'tab',
      'backspace',
      'space',
      'ctrl-c',
      'up',
      'down',
      'pageup',
      'shift-tab',
    ])
  })
  test('Esc and a letter in one lump are two keys, never Alt', () => {
    expect(feed('\u001bj')).toEqual(['esc', 'j'])
  })
  test('a lone Esc waits for what may follow, and is a key when nothing does', () => {
    const parser = new KeyParser()
    expect(parser.feed(Buffer.from('\u001b'))).toEqual([])
    expect(parser.waiting).toBe(true)
    expect(names(parser.late())).toEqual(['esc'])
    expect(parser.late()).toEqual([])
  })
  test('a sequence cut in two is one key', () => {
    const parser = new KeyParser()
    expect(parser.feed(Buffer.from('\u001b'))).toEqual([])
    expect(names(parser.feed(Buffer.from('[B')))).toEqual(['down'])
  })
  test('a bracketed paste is one key, however it is cut, and holds no command', () => {
    const parser = new KeyParser()
    const keys = ['\u001b[200~yy', 'N\r:quit\u001b[20', '1~j'].flatMap((piece) =>
      parser.feed(Buffer.from(piece)),
    )
    expect(keys).toEqual([
      { name: 'paste', text: 'yyN\r:quit' },
      { name: 'j', text: 'j' },
    ])
  })
  test('a long lump of different letters is a paste even without brackets; a held key is not', () => {
    expect(feed('git push origin main\r')).toEqual(['paste'])
    expect(feed('j'.repeat(40))).toHaveLength(40)
  })
  test('answers of the terminal and unknown sequences are no keys', () => {
    expect(feed('\u001b]11;rgb:0/0/0\u0007j')).toEqual(['j'])
    expect(feed('\u001b[?62;c\u001b[<0;3;4Mj')).toEqual(['j'])
  })
  test('wide letters arrive whole when their bytes are cut', () => {
    const parser = new KeyParser()
    const bytes = Buffer.from('é漢')
    expect(
      [...bytes].flatMap((b) => parser.feed(Buffer.from([b])).map((k) => k.text)).join(''),
    ).toBe('é漢')
  })
  test('however ordinary keys are cut into chunks, the same keys come out', () => {
    const key = fc.constantFrom('j', 'Y', ' ', '\r', '\t', '\u001b[A', '\u001b[6~', 'ä')
    fc.assert(
      fc.property(
        fc.array(key, { maxLength: 12 }),
        fc.array(fc.nat(40), { maxLength: 6 }),
        (keys, cuts) => {
          const whole = Buffer.from(keys.join(''))
          const once = keys.flatMap((k) => feed(k))
          const parser = new KeyParser()
          const places = [
            0,
            ...cuts.map((c) => Math.min(c, whole.length)).sort((a, b) => a - b),
            whole.length,
          ]
          const out = places
            .slice(1)
            .flatMap((end, i) => names(parser.feed(whole.subarray(places[i], end))))
          if (out.includes('paste')) return
          expect(out).toEqual(once)
        },
      ),
    )
  })
  test('an old report of the mouse is no key, however it is cut', () => {
    for (const report of ['\u001b[M !!', '\u001b[Mq\u0021j', '\u001b[M   '])
      for (let cut = 3; cut <= report.length; cut++) {
        const parser = new KeyParser()
        const keys = [report.slice(0, cut), report.slice(cut), 'q'].flatMap((part) =>
          names(parser.feed(Buffer.from(part))),
        )
        expect(keys).toEqual(['q'])
      }
  })
  test('whatever arrives, nothing throws and no memory piles up', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (chunks) => {
        const parser = new KeyParser()
        for (const chunk of chunks)
          for (const key of parser.feed(Buffer.from(chunk)))
            expect(key.text.length).toBeLessThanOrEqual(65_536)
        parser.late()
      }),
    )
  })
})
