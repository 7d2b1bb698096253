import fc from 'fast-check'
import { RE2JS } from 're2js'
import { beforeAll, describe, expect, it } from 'vitest'
import { shipped } from '../../../../src/config/data.ts'
import {
  patternOf,
  PatternTexts,
  readyForPatterns,
} from '../../../../src/domain/policy/matching/pattern.ts'
import { takeNeeds, withCase } from '../../../../src/domain/policy/matching/pattern-needs.ts'
import { Trigrams } from '../../../../src/domain/policy/matching/wildcard.ts'
import { packStore } from '../../../../src/domain/policy/packs/store.ts'

beforeAll(() => readyForPatterns())

const compiled = (source: string) => RE2JS.compile(source, RE2JS.DOTALL)
const mayMatch = (source: string, text: string) =>
  takeNeeds(compiled(source))?.isMet(new Trigrams([text])) ?? true

describe('what every match of a pattern contains', () => {
  it.each<[string, string, boolean]>([
    ['git push', 'git push', true],
    ['git push', 'git pull', false],
    ['(?:abc|def)+x', '..def..', true],
    ['(?:abc|def)+x', '..dex..', false],
    ['abc.*def', 'abc', false],
    ['abc.*def', 'def abc', true],
    ['abc?', 'ab', true],
    ['(?:abc)*', '', true],
    ['(?:abc|)def', 'def', true],
    ['[abc]+', 'x', true],
    ['(?i)abc', 'ABC', true],
    ['abc|x', 'x', true],
    ['ab|cd', 'x', true],
  ])('of %s may be in %s: %s', (source, text, expected) =>
    expect(mayMatch(source, text)).toBe(expected),
  )

  it('is never missing where the engine finds a match, for each pattern of the packs', async () => {
    const store = packStore([{ origin: 'built-in', path: shipped('templates', 'policies') }])
    const packs = await Promise.all(
      [...(await store.names()).keys()].map((name) => store.read(name)),
    )
    const sources = packs.flatMap((pack) => pack.policies.flatMap(({ pattern }) => pattern ?? []))
    expect(sources.length).toBeGreaterThan(60)
    const all = sources.map((source) => {
      const [plain, taken] = [compiled(source), compiled(source)]
      return { source, plain, needs: takeNeeds(taken), taken }
    })
    // Without this the engine changed what it tells, and each pattern is searched in every text.
    expect(all.filter(({ needs }) => needs !== undefined).length).toBeGreaterThan(55)
    const parts = sources.flatMap((source) => source.match(/[\\w.~:@/$-]+| /g) ?? [])
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 30 }), (chosen) => {
        const text = chosen.join('')
        const trigrams = new Trigrams([text])
        for (const { source, plain, needs, taken } of all) {
          const isThere = plain.test(text)
          expect(taken.test(text)).toBe(isThere)
          if (isThere && needs !== undefined)
            expect([source, needs.isMet(trigrams)]).toEqual([source, true])
        }
      }),
    )
  })

  it.each<[string, string | undefined]>([
    ['(?i)abc', 'abc'],
    ['(?i)^git (?:a|B)', '^git (?:a|B)'],
    ['x(?i:ab)c', 'x(?:ab)c'],
    ['x(?i:ab)(?i)c', 'x(?:ab)c'],
    ['abc', undefined],
    ['\\(?i:abc', undefined],
    ['[(?i)]abc', undefined],
    ['(?is)abc', undefined],
    ['(?i)a(?-i:b)', undefined],
    ['(?i)a(?U)b', undefined],
  ])('%s with its case is %s', (source, expected) => expect(withCase(source)).toBe(expected))

  it('of a pattern without case is never missing where it is found', () => {
    const sources = [
      '(?i)git (?:config|-c)\\b.*(?:core\\.pager|alias)',
      '(?i)(?:\\bprintenv\\b.*|\\becho\\b.*\\$)(?:secrets?|tokens?|api_?keys?)\\b',
      '\\.(?:pem|key)$|(?i:\\bsecrets?\\.(?:ya?ml|json))',
      '(?i)\\x{17f}kip|kelvin',
    ]
    const all = sources.map((source) => [source, patternOf(source)] as const)
    const parts =
      'git|Git| config|-C |core.pager|ALIAS|printENV|ecHO $|Secret|TOKENS|api_key|.PEM|.key|.yaml|kelvin|\u212aelvin|\u017fkip|skip'
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts.split('|')), { maxLength: 8 }), (chosen) => {
        const text = chosen.join('')
        for (const [source, pattern] of all)
          expect([source, pattern.found(new PatternTexts({ wholes: [text], starts: [] }))]).toEqual(
            [source, compiled(source).test(text)],
          )
      }),
      { numRuns: 400 },
    )
  })
})
