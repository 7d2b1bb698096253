import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonical } from '../../../src/base/canonical.ts'
import { ACTION_LIMITS, edited, normalise } from '../../../src/domain/policy/normalise.ts'
import { wordsToRun } from '../../../src/domain/policy/rules.ts'
import { question } from './question.ts'

describe('normalise', () => {
  it('makes the target of a command from its words, whatever target was given', () => {
    expect(normalise(question({ target: 'ls', argv: ['rm', '-rf', 'a b', "it's"] }))).toMatchObject(
      { target: `rm -rf 'a b' 'it'\\''s'`, argv: ['rm', '-rf', 'a b', "it's"] },
    )
  })
  it('splits a line that is one plain command, and leaves the rest to a shell', () => {
    expect(normalise(question({ target: '  git   push "origin"  main ' }))).toMatchObject({
      target: 'git push origin main',
      argv: ['git', 'push', 'origin', 'main'],
    })
    for (const line of [
      'git push; id',
      'ls $(id)',
      'echo `id`',
      'ls *',
      'A=1 ls',
      'cat < x',
      'echo "$HOME"',
      "echo 'open",
      'ls &',
      '~/x',
      'a\nb',
    ]) {
      expect(normalise(question({ target: line }))).toMatchObject({ target: line, argv: [] })
      expect(wordsToRun(normalise(question({ target: line })))).toEqual(['sh', '-c', line])
    }
  })
  it.each([
    ['a type that is none', { type: 'Ex ec', target: 'ls' }, /type/],
    ['no target', { type: 'net' }, /empty/],
    ['an empty program', { argv: ['', 'x'] }, /first word/],
    ['a NUL', { argv: ['ls', 'a\0b'] }, /NUL/],
    ['broken Unicode', { type: 'net', target: 'https://\ud800' }, /Unicode/],
    ['a target that nobody could judge', { argv: ['echo', 'x'.repeat(5000)] }, /at most 4096/],
    ['too many words', { argv: Array.from({ length: 1025 }, () => 'a') }, /at most 1024/],
  ])('refuses %s', (_, over, message) => {
    expect(() => normalise(question(over))).toThrow(message)
  })
  it('has one spelling for one thing', () => {
    expect(
      normalise(question({ type: 'NET', target: 'post HTTPS://API.Stripe.com/V1?Q' })).target,
    ).toBe('POST https://api.stripe.com/V1?Q')
    expect(normalise(question({ type: 'net', target: 'API.stripe.com/V1' })).target).toBe(
      'api.stripe.com/V1',
    )
    expect(normalise(question({ type: 'file', target: 'write ./docs//a/./b' })).target).toBe(
      'write ./docs/a/b',
    )
  })
  it('bounds descriptions, and keeps unknown fields', () => {
    const action = normalise(
      question({
        type: 'net',
        target: 'x',
        goal: 'g'.repeat(9000),
        systems: [' Prod ', 'prod', ''],
        risk: 1e9,
        extra: JSON.parse(
          '{"a":{"b":{"c":{"d":{"e":1}}}},"n":1e999,"s":"\\ud800","__proto__":{"x":1}}',
        ) as Record<string, unknown>,
      }),
    )
    expect(action.goal).toHaveLength(ACTION_LIMITS.goal)
    expect(action.systems).toEqual(['prod'])
    expect(action.claimedRisk).toBe(100)
    expect(action.extra).toEqual({ a: { b: { c: { d: '…' } } }, n: 'Infinity', s: '\ufffd' })
  })
  it('makes of any question an action that has a canonical form and is small, or refuses it', () => {
    fc.assert(
      fc.property(
        fc.record({
          target: fc.string({ unit: 'binary' }),
          argv: fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }),
          goal: fc.string({ unit: 'binary' }),
          systems: fc.array(fc.string()),
          risk: fc.option(fc.double()),
          extra: fc.dictionary(fc.string(), fc.jsonValue()),
        }),
        (over) => {
          let text: string
          try {
            text = canonical(normalise(question(over)))
          } catch (thrown) {
            expect(thrown).toMatchObject({ code: 'input.invalid' })
            return
          }
          expect(text.length).toBeLessThan(64 * 1024)
        },
      ),
    )
  })
  it('is idempotent', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 }), (argv) => {
        const once = normalise(question({ argv }))
        expect(normalise(question({ target: once.target })).argv).toEqual(
          /^[A-Za-z_]\w*=/.test(argv[0] as string) ? [] : argv,
        )
      }),
    )
  })
})

describe('edited', () => {
  const action = normalise(question({ argv: ['git', 'push'], goal: 'ship', reversible: false }))
  it("takes the words from the operator's edit", () => {
    expect(edited(action, { target: 'git push origin dev' })).toMatchObject({
      argv: ['git', 'push', 'origin', 'dev'],
      target: 'git push origin dev',
      goal: 'ship',
      reversible: false,
    })
    expect(edited(action, { argv: ['git', 'fetch'] })).toMatchObject({ target: 'git fetch' })
    expect(edited(action, { target: 'git fetch && ls' })).toMatchObject({
      argv: [],
      target: 'git fetch && ls',
    })
  })
})
