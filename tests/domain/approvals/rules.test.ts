import { expect, it } from 'vitest'
import { fingerprint } from '../../../src/domain/approvals/rules.ts'

it('gives each agent, type and target its own fingerprint', () => {
  const of = (agent: string, type: string, target: string) => fingerprint(agent, { type, target })
  expect(of('a', 'exec', 'ls')).toMatch(/^[0-9a-f]{16}$/)
  expect(of('a', 'exec', 'ls')).toBe(of('a', 'exec', 'ls'))
  expect(
    new Set([
      of('a', 'exec', 'ls'),
      of('b', 'exec', 'ls'),
      of('a', 'net', 'ls'),
      of('a', 'exec', 'ls -l'),
      of('a', 'e', 'xecls'),
    ]).size,
  ).toBe(5)
})
