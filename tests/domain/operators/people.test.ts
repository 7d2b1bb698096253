import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  missingCount,
  missingPeople,
  peopleRule,
  strictestRules,
} from '../../../src/domain/operators/people/rules.ts'
import type { PeopleRule, Voter } from '../../../src/domain/operators/people/types.ts'

const NAMES = ['ada', 'bo', 'cy', 'dee', 'eve']
const voter: fc.Arbitrary<Voter> = fc.record({
  operator: fc.constantFrom(...NAMES),
  kind: fc.constant('person' as const),
})
const rule: fc.Arbitrary<PeopleRule> = fc.record({
  atLeast: fc.integer({ min: 1, max: 3 }),
  of: fc.option(fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1 })),
  notStarter: fc.boolean(),
})
const rules = fc.array(rule, { maxLength: 4 })
const voters = fc.array(voter, { maxLength: 8 })
const isMet = (all: readonly PeopleRule[], who: readonly Voter[]) =>
  missingPeople(all, who, 'ada').length === 0

describe('who has to agree', () => {
  it.each([
    [{ people: 2 }, ['ada'], false],
    [{ people: 2 }, ['ada', 'ada'], false],
    [{ people: 2 }, ['ada', 'bo'], true],
    [{ people: { of: ['bo', 'cy'], atLeast: 1 } }, ['ada', 'dee'], false],
    [{ people: { of: ['bo', 'cy'], atLeast: 2 } }, ['bo', 'cy'], true],
    [{ notStarter: true }, ['ada'], false],
    [{ notStarter: true }, ['bo'], true],
    [{ people: 2, notStarter: true }, ['ada', 'bo'], false],
    [{ people: 2, notStarter: true }, ['bo', 'cy'], true],
    [{ people: { of: ['ada', 'bo'], atLeast: 2 }, notStarter: true }, ['ada', 'bo'], false],
  ])('%j with %j: %s', (keys, names, met) => {
    const asked = peopleRule(keys)
    const who = names.map((operator) => ({ operator, kind: 'person' as const }))
    expect(isMet(asked === undefined ? [] : [asked], who)).toBe(met)
  })

  it('counts an API key only where it is named', () => {
    const key: Voter = { operator: 'bo', kind: 'key' }
    expect(isMet([{ atLeast: 1, of: null, notStarter: false }], [key])).toBe(false)
    expect(isMet([{ atLeast: 1, of: ['bo'], notStarter: false }], [key])).toBe(true)
  })

  it('is met by the strictest rules exactly where it is met by all', () => {
    fc.assert(
      fc.property(rules, voters, (all, who) => {
        expect(isMet(strictestRules(all), who)).toBe(isMet(all, who))
      }),
    )
  })

  it('is never met by fewer, nor lost by more', () => {
    fc.assert(
      fc.property(rules, voters, voter, (all, who, one) => {
        if (isMet(all, who)) expect(isMet(all, [...who, one])).toBe(true)
        const before = missingCount(missingPeople(all, who, 'ada'))
        const after = missingCount(missingPeople(all, [...who, one], 'ada'))
        expect(after).toBeLessThanOrEqual(before)
        expect(before === 0).toBe(isMet(all, who))
      }),
    )
  })

  it('says the same whatever the order, and however often somebody agrees', () => {
    fc.assert(
      fc.property(rules, voters, (all, who) => {
        const again = [...who, ...who].toReversed()
        expect(isMet(all, again)).toBe(isMet(all, who))
      }),
    )
  })
})
