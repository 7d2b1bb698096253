import { RE2JS } from 're2js'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { normalise } from '../../../../src/domain/policy/normalise.ts'
import { programs } from '../../../../src/config/programs.ts'
import {
  patternOf,
  patternProblem,
  PATTERN_LIMITS,
  readyForPatterns,
  PatternTexts,
} from '../../../../src/domain/policy/matching/pattern.ts'
import {
  ActionTexts,
  matchRestriction,
  restrictionOf,
} from '../../../../src/domain/policy/matching/restriction.ts'
import { MOST_SEARCHED } from '../../../../src/domain/policy/matching/search-budget.ts'
import { viewOf } from '../../../../src/domain/policy/matching/view.ts'
import {
  coveredPieces,
  coversAll,
  permissionOf,
} from '../../../../src/domain/policy/matching/permission.ts'
import { question } from '../question.ts'

beforeAll(() => readyForPatterns())

const actionOf = (target: string, type = 'exec') =>
  normalise(question({ type, target, cwd: '/workspace' }))
const found = (pattern: string, target: string, type = 'exec') =>
  ['certain' as const, 'possible' as const].some((of) =>
    patternOf(pattern).found(new ActionTexts(viewOf(actionOf(target, type), programs()))[of]()),
  )
const whole = (pattern: string, target: string, type = 'exec') => {
  const view = viewOf(actionOf(target, type), programs())
  return coversAll(coveredPieces(permissionOf({ pattern }), view), view)
}

/** Every word of a text as a position at which a command could begin. */
const everyWord = (text: string) =>
  Array.from(text.matchAll(/\S+/g), ({ index }) => ({ text, from: index }))

/** The characters that are given to the engine, whose work grows linearly with them. */
function charactersRead(act: () => unknown): number {
  const spies = [vi.spyOn(RE2JS.prototype, 'test'), vi.spyOn(RE2JS.prototype, 'testExact')]
  act()
  const lengths = spies.flatMap(({ mock }) => mock.calls.map(([text]) => text.length))
  for (const spy of spies) spy.mockRestore()
  return lengths.reduce((sum, length) => sum + length, 0)
}

describe('what asks or blocks', () => {
  it.each([
    'git push --force',
    'sudo git push --force',
    'sh -c "git push --force"',
    'true; git push -x --force',
    '/usr/bin/git push --force',
    'env A=b git push --force',
    'git -C x push --force',
    'git push \\\n --force',
    "git push '--force'",
  ])('is found in %s, wherever a command could begin', (target) => {
    expect(found('^git push.* --force', target)).toBe(true)
  })

  it.each(['git push', 'echo git push', 'grep "git push --force" x', 'agit push --force'])(
    'with ^ is not found in %s',
    (target) => {
      expect(found('^git push.* --force', target)).toBe(false)
    },
  )

  it('without ^ is found anywhere, and over the end of a line', () => {
    expect(found('push.*--force', 'echo a git push --force')).toBe(true)
    expect(found('rm.*x', 'sh -c "rm \\\n x"')).toBe(true)
    expect(found('(?i)^GIT push', 'sudo git push')).toBe(true)
    expect(found('169\\.254\\.169\\.254', 'http://2852039166/', 'net')).toBe(true)
    expect(found('^write /etc/', 'write x/../../etc/passwd', 'file')).toBe(true)
  })

  it('with ^ before alternatives is about the first of them, as everywhere', () => {
    expect(found('^npm x|left', 'echo left')).toBe(true)
    expect(found('^(?:npm x|left)', 'echo left')).toBe(false)
  })

  it('is not found in a line only because it is long', () => {
    for (const line of [
      `git -abcdefghijkl ${'a '.repeat(800)}`,
      `eslint ${'src/some-file.ts '.repeat(230)}`,
      Array.from({ length: 500 }, (_, i) => `a${i}`).join(';'),
    ])
      expect(found('never there', line)).toBe(false)
  })
})

describe('what allows', () => {
  it.each<[string, string]>([
    ['npm (?:test|run [a-z:]+)', 'npm run build:web'],
    ['^git log( -\\d+)?$', 'git log -5'],
    ['make .*', 'make all -j4'],
  ])('%s matches all of %s', (pattern, target) => {
    expect(whole(pattern, target)).toBe(true)
  })

  it.each<[string, string, string]>([
    ['npm test', 'npm test -- --x', 'exec'],
    ['npm test', 'sudo npm test', 'exec'],
    ['npm .*', 'npm test; id', 'exec'],
    ['npm .*', 'npm test && id', 'exec'],
    ['npm .*', 'npm test $(id)', 'exec'],
    ['npm (?:.|\\n)*', 'npm test\nid', 'exec'],
    ['(?s).*', 'npm test | sh', 'exec'],
    ['cat .*', 'cat ../../etc/passwd', 'exec'],
    ['read docs/.*', 'read docs/../../etc/passwd', 'file'],
    ['git .*', 'git -c alias.x=y x', 'exec'],
    ['npm .*', 'npm `id`', 'exec'],
    ['.*', 'GET https://example.com', 'net'],
    ['GET https://example\\.com/.*', 'GET https://example.com/a', 'net'],
    ['.*', 'sh -c "a; b"', 'exec'],
  ])('%s does not cover %s', (pattern, target, type) => {
    expect(whole(pattern, target, type)).toBe(false)
  })
})

describe('a pattern that cannot be used', () => {
  it.each<[string, RegExp]>([
    ['a(?=b)', /character 2: looking ahead/],
    ['(?<=a)b', /character 1: looking ahead or behind/],
    ['(a)\\1', /character 4: a reference to a group/],
    ['(?>a)', /atomic/],
    ['a(b', /missing closing/],
    ['[z-a]', /character 2: .*range/],
    ['(x{1000}){1000}', /invalid repeat count/],
    ['.{0,900}', /instructions, and at most 512/],
    ['x'.repeat(PATTERN_LIMITS.characters + 1), /513 characters/],
    ['(^a|^b)', /character 2: \^ is only supported/],
    ['a|\\Ab', /character 3: \^ is only supported/],
    ['(?m)^a', /\(\?m\)/],
  ])('%s says where and why', (pattern, problem) => {
    expect(patternProblem(pattern)?.text).toMatch(problem)
    expect(() => patternOf(pattern)).toThrow(
      expect.objectContaining({ code: 'policies.invalid' }) as Error,
    )
  })

  it.each(['[^a]b', '[]^]x', '\\^a', '(?i)^x', '\\Qa^b\\E', '[[:^alpha:]]x', 'é+😀', '\\p{Greek}'])(
    'is not %s',
    (pattern) => {
      expect(patternProblem(pattern)).toBeUndefined()
    },
  )
})

describe('the work of a pattern', () => {
  const wholes = [`${'a'.repeat(4095)}!`, `${'a'.repeat(4094)}!b`]

  it.each([
    '(a+)+$',
    '^(a+)+$',
    '(a|aa)+$',
    '(a|a?)+$',
    '([a-z]+)*x',
    '(.*a){20}$',
    '(a?){30}a{30}$',
    '^(?:a+a+)+b',
  ])('%s reads every text once', (source) => {
    const pattern = patternOf(source)
    const texts = new PatternTexts({ wholes, starts: [] })
    expect(charactersRead(() => pattern.found(texts))).toBeLessThanOrEqual(2 * 4096)
    expect(charactersRead(() => pattern.whole(wholes[0] as string))).toBe(4096)
  })

  it.each([
    '((((x{30}){30}){30}){30}){30}',
    '('.repeat(250) + ')'.repeat(250),
    '(\\pL{0,30}){30}',
    '(?:'.repeat(60) + 'a' + ')*'.repeat(60),
  ])('%s needs few instructions, or is refused', (source) => {
    const problem = patternProblem(source)?.text
    if (problem === undefined)
      expect(RE2JS.compile(source).programSize()).toBeLessThanOrEqual(PATTERN_LIMITS.instructions)
    else expect(problem).toMatch(/repeat count|instructions|characters/)
  })

  it('is bounded where a command could begin at every word of a text', () => {
    const texts = new PatternTexts({
      wholes: [],
      starts: everyWord(`env ${'a '.repeat(2000)}git push`),
    })
    expect(patternOf('^git push$').found(texts)).toBe(true)
    const pattern = patternOf('^(?:a ?)+git pull')
    expect(charactersRead(() => pattern.found(texts))).toBeLessThanOrEqual(MOST_SEARCHED)
  })

  it('of all expressions on one question is bounded, and beyond that each is possible', () => {
    const view = viewOf(actionOf(`git ${'log '.repeat(600)}`), programs())
    const texts = new ActionTexts(view)
    const likelihoods: string[] = []
    const read = charactersRead(() => {
      for (let i = 0; i < 60; i++) {
        const restriction = restrictionOf({ pattern: `log log x?${i}y?` }, programs())
        likelihoods.push(matchRestriction(restriction, view, texts))
      }
    })
    expect(read).toBeLessThanOrEqual(MOST_SEARCHED)
    expect([...new Set(likelihoods)]).toEqual(['none', 'possible'])
    expect(likelihoods.indexOf('possible')).toBe(likelihoods.lastIndexOf('none') + 1)
  })
})
