import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { operatorCan, operatorId } from '../../../src/domain/operators/rules.ts'
import type { Operator } from '../../../src/domain/operators/types.ts'

const ADA: Operator = {
  id: 'ada',
  kind: 'person',
  role: 'operator',
  agents: null,
  local: false,
  keyHash: null,
  addedAt: 0,
  addedBy: 'supervisor',
  state: 'active',
}

describe('what operators can be', () => {
  test.each([
    [{}, { role: 'owner', agents: null }, undefined],
    [{}, { role: 'viewer', agents: ['a1'] }, undefined],
    [{}, { role: 'owner', agents: ['a1'] }, 'an owner is an owner of the whole deck'],
    [{ kind: 'key' }, { role: 'owner', agents: null }, 'a key cannot own the deck'],
    [{ state: 'removed' }, { role: 'viewer', agents: null }, 'ada was removed'],
    [{ local: true, role: 'owner' }, { role: 'viewer', agents: null }, /stay its owner/],
    [{ local: true, role: 'owner' }, { role: 'owner', agents: null }, undefined],
  ] as const)('%j as %j: %s', (part, rights, reason) => {
    const said = operatorCan.be({ ...ADA, ...part } as Operator, { ...rights } as never)
    if (reason instanceof RegExp) expect(said).toMatch(reason)
    else expect(said).toBe(reason)
  })

  test('who runs the deck cannot be removed, anybody else once', () => {
    expect(operatorCan.leave(ADA)).toBeUndefined()
    expect(operatorCan.leave({ ...ADA, local: true })).toMatch(/runs this deck/)
    expect(operatorCan.leave({ ...ADA, state: 'removed' })).toBe('ada was removed before')
  })
})

test('every user account makes a name', () => {
  expect(operatorId('root')).toBe('root')
  expect(operatorId('DOMAIN\\Jörg Müller')).toBe('domain-j-rg-m-ller')
  expect(operatorId('1000')).toBe('owner')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (account) => {
      expect(operatorId(account)).toMatch(/^[a-z][a-z0-9._-]{0,31}$/)
    }),
  )
})
