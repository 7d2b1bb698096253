import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainWords } from '../../src/command-analysis/shell/plain-words.ts'
import { quote, unquote } from '../../src/base/quote.ts'

const word = fc.string({ unit: fc.constantFrom(...'ab \'"\\$`*?~;&|<>()#!{}[]=\n\té') })

describe('quote', () => {
  it('is read back by a real shell as the same words', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
        const said = execFileSync('sh', ['-c', `printf '%s\\0' ${quote(words)}`], {
          encoding: 'utf8',
        })
        expect(said.split('\0').slice(0, -1)).toEqual(words)
      }),
      { numRuns: 60 },
    )
  })
})

describe('unquote', () => {
  it('reads back what was quoted, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
        expect(unquote(quote(words))).toEqual(words)
      }),
    )
    for (const line of ['', ' ', 'a  b', 'a ', ' a', 'a;b', '"a"', "'a", 'a\\b', '$x'])
      expect([line, unquote(line)]).toEqual([line, undefined])
  })
})

describe('plainWords', () => {
  it('reads back what was quoted', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
        fc.pre(!/^[A-Za-z_]\w*=/.test(words[0] as string))
        expect(plainWords(quote(words))).toEqual(words)
      }),
    )
  })
  it('says the same words as a real shell, or nothing', () => {
    fc.assert(
      fc.property(word, (line) => {
        const words = plainWords(line)
        if (words === undefined) return
        expect(
          execFileSync('sh', ['-c', `set -f; set -- ${line}\nprintf '%s\\0' "$@"`], {
            encoding: 'utf8',
          })
            .split('\0')
            .slice(0, -1),
        ).toEqual(words)
      }),
      { numRuns: 120 },
    )
  })
})
