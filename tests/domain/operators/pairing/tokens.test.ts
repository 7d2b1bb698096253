import { expect, test } from 'vitest'
import { isToken, newToken } from '../../../../src/domain/operators/pairing/rules.ts'

test('no token looks like an option on a command line', () => {
  const tokens = Array.from({ length: 2000 }, newToken)
  expect(tokens.every(isToken)).toBe(true)
  expect(tokens.filter((token) => token.startsWith('-'))).toEqual([])
  expect(new Set(tokens).size).toBe(2000)
})
