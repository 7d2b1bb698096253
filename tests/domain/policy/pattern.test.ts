import { beforeAll, describe, expect, it } from 'vitest'
import { normalise } from '../../../src/domain/policy/normalise.ts'
import { programs } from '../../../src/config/programs.ts'
import {
  patternOf,
  patternProblem,
  PATTERN_LIMITS,
  readyForPatterns,
  Texts,
} from '../../../src/domain/policy/pattern.ts'
import { TextsOf } from '../../../src/domain/policy/no.ts'
import { viewOf } from '../../../src/domain/policy/view.ts'
import { coveredBy, isWhole, yesOf } from '../../../src/domain/policy/yes.ts'
import { question } from './question.ts'

beforeAll(() => readyForPatterns())

const actionOf = (target: string, type = 'exec') =>
  normalise(question({ type, target, cwd: '/workspace' }))
const found = (pattern: string, target: string, type = 'exec') =>
  ['certain' as const, 'possible' as const].some((of) =>
    patternOf(pattern).found(new TextsOf(viewOf(actionOf(target, type), programs()))[of]()),
  )
const whole = (pattern: string, target: string, type = 'exec') => {
  const view = viewOf(actionOf(target, type), programs())
  return isWhole(coveredBy(yesOf({ pattern }), view), view)
}

/** Every word of a text as a place where a command could begin. */
const beginnings = (text: string) =>
  Array.from(text.matchAll(/\S+/g), ({ index }) => ({ text, from: index }))

/** The best of some runs, in milliseconds: what it takes where nobody else is at work. */
function best(act: () => unknown): number {
  return Math.min(
    ...Array.from({ length: 7 }, () => {
      const from = performance.now()
      act()
      return performance.now() - from
    }),
  )
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

  it('is not found in long lines because they are long', () => {
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
  ])('%s is all of %s', (pattern, target) => {
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
  ])('%s does not answer for %s', (pattern, target, type) => {
    expect(whole(pattern, target, type)).toBe(false)
  })
})

describe('a pattern that cannot be used', () => {
  it.each<[string, RegExp]>([
    ['a(?=b)', /character 2: looking ahead/],
    ['(?<=a)b', /character 1: looking ahead or behind/],
    ['(a)\\1', /character 4: a reference back/],
    ['(?>a)', /atomic/],
    ['a(b', /missing closing/],
    ['[z-a]', /character 2: .*range/],
    ['(x{1000}){1000}', /invalid repeat count/],
    ['.{0,900}', /instructions, at most 512/],
    ['x'.repeat(PATTERN_LIMITS.characters + 1), /513 characters/],
    ['(^a|^b)', /character 2: \^ stands only/],
    ['a|\\Ab', /character 3: \^ stands only/],
    ['(?m)^a', /\(\?m\)/],
  ])('%s says where and why', (pattern, problem) => {
    expect(patternProblem(pattern)?.text).toMatch(problem)
    expect(() => patternOf(pattern)).toThrow(
      expect.objectContaining({ code: 'policies.invalid' }) as Error,
    )
  })

  it.each(['[^a]b', '[]^]x', '\\^a', '(?i)^x', '\\Qa^b\\E', '[[:^alpha:]]x', 'é+😀', '\\p{Greek}'])(
    '%s is none',
    (pattern) => {
      expect(patternProblem(pattern)).toBeUndefined()
    },
  )
})

describe('time', () => {
  const text = `${'a'.repeat(4096)}!`.slice(0, 4096)
  const long = { wholes: [text, `${'a'.repeat(4095)}!`], starts: [], action: actionOf('x') }

  it.each([
    '(a+)+$',
    '^(a+)+$',
    '(a|aa)+$',
    '(a|a?)+$',
    '([a-z]+)*x',
    '(.*a){20}$',
    '(a?){30}a{30}$',
    '^(?:a+a+)+b',
  ])('%s takes less than 5 ms on 4096 characters', (source) => {
    const pattern = patternOf(source)
    const texts = new Texts(long)
    expect(
      best(() => {
        pattern.found(texts)
        pattern.whole(long.wholes[1] as string)
      }),
    ).toBeLessThan(5)
  })

  it('is refused or made in a moment, whatever the pattern', () => {
    for (const source of [
      '((((x{30}){30}){30}){30}){30}',
      '('.repeat(250) + ')'.repeat(250),
      '(\\pL{0,30}){30}',
      '(?:'.repeat(120) + 'a' + ')*'.repeat(120),
    ])
      expect(best(() => patternProblem(source))).toBeLessThan(100)
  })

  it('is bounded by the text where a command could begin at each of its words', () => {
    const texts = new Texts({ wholes: [], starts: beginnings(`env ${'a '.repeat(2000)}git push`) })
    expect(patternOf('^git push$').found(texts)).toBe(true)
    const pattern = patternOf('^(?:a ?)+git pull')
    expect(best(() => pattern.found(texts))).toBeLessThan(50)
  })
})
