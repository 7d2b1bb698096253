import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitWords } from '../../src/command-analysis/shell-words.ts'
import { quote } from '../../src/base/quote.ts'

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

describe('splitWords', () => {
  it('reads back what was quoted', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
        fc.pre(!/^[A-Za-z_]\w*=/.test(words[0] as string))
        expect(splitWords(quote(words))).toEqual(words)
      }),
    )
  })
  it('says the same words as a real shell, or nothing', () => {
    fc.assert(
      fc.property(word, (line) => {
        const words = splitWords(line)
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
