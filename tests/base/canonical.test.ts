import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { canonical } from '../../src/base/canonical.ts'

/** What `write` makes of a value, or that it throws. */
function outcome(write: (value: unknown) => string | undefined, value: unknown): string {
  try {
    return write(value) ?? 'no JSON'
  } catch {
    return 'no JSON'
  }
}

const key = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('10', '9', '-1', '', '__proto__', 'toJSON', 'b', 'a', 'é', '\ud800'),
)
const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"', '\\', '\u2028', '\ud83d', 'a\nb', '\u007f', '~', ' '),
  fc.double(),
  fc.integer(),
  fc.constantFrom<unknown>(null, true, false, undefined, -0, 1e21, 1e-7, Number.NaN, Infinity),
  fc.constantFrom<unknown>(new Date(0), Symbol('s'), () => 1, 10n, Object(1), Object('x')),
)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5 }),
    fc.record({ toJSON: fc.constant(() => 'said'), other: tie('value') }),
  ),
}))

it('writes what the library for RFC 8785 writes', () => {
  fc.assert(
    fc.property(value, (any) => {
      expect(outcome(canonical, any)).toBe(outcome(canonicalize, any))
    }),
    { numRuns: 2000 },
  )
})

it('writes the same however deep, and refuses a circle', () => {
  let deep: unknown = 'end'
  for (let i = 0; i < 5000; i++) deep = i % 2 === 0 ? [deep] : { deep }
  expect(canonical(deep)).toBe(canonicalize(deep))
  const circle: Record<string, unknown> = {}
  circle['self'] = [circle, circle]
  expect(() => canonical(circle)).toThrow()
})
