import { operatorOf, RIGHTS } from '../rules.ts'
import type { Operator } from '../types.ts'
import type { MissingPeople, PeopleKeys, PeopleRule, Voter } from './types.ts'

/** What the keys of a template or a policy ask for; undefined without any. */
export function peopleRule({ people, notStarter = false }: PeopleKeys): PeopleRule | undefined {
  if (people === undefined) return notStarter ? { atLeast: 1, of: null, notStarter } : undefined
  return typeof people === 'number'
    ? { atLeast: people, of: null, notStarter }
    : { atLeast: people.atLeast, of: people.of, notStarter }
}

/** An operator as one who agrees. */
export function voterOf({ id, kind, addedBy }: Operator): Voter {
  const madeBy = kind === 'key' ? operatorOf(addedBy) : undefined
  return { operator: id, kind, ...(madeBy !== undefined && { madeBy }) }
}

/** Whether this is who started the agent, themselves or by an API key that they made. */
export function isStarter({ operator, madeBy }: Voter, starter: string): boolean {
  return operator === starter || madeBy === starter
}

/** Whether somebody's agreement counts for a rule. */
function countsFor({ of, notStarter }: PeopleRule, voter: Voter, starter: string): boolean {
  if (notStarter && isStarter(voter, starter)) return false
  return of === null ? voter.kind === 'person' : of.includes(voter.operator)
}

/** Whether somebody's agreement counts for any of these rules. */
export function countsForAny(rules: readonly PeopleRule[], voter: Voter, starter: string): boolean {
  return rules.some((rule) => countsFor(rule, voter, starter))
}

/** Whose agreement these rules still take; empty if enough agreed. Each rule has to be met. */
export function missingPeople(
  rules: readonly PeopleRule[],
  voters: readonly Voter[],
  starter: string,
): MissingPeople[] {
  return rules.flatMap((rule) => {
    const counted = voters.filter((voter) => countsFor(rule, voter, starter))
    const agreed = new Set(counted.map(({ operator }) => operator))
    const count = rule.atLeast - agreed.size
    if (count <= 0) return []
    const not = rule.notStarter ? starter : null
    const of = rule.of?.filter((name) => !agreed.has(name) && name !== not) ?? null
    return [{ count, of, not }]
  })
}

/** The rules without those that another one of them includes, so that each says something. */
export function strictestRules(rules: readonly PeopleRule[]): PeopleRule[] {
  return rules.filter(
    (rule, at) =>
      !rules.some(
        (other, i) => i !== at && includes(other, rule) && (i < at || !includes(rule, other)),
      ),
  )
}

/** Whether everything that meets `strict` meets `rule` too. */
function includes(strict: PeopleRule, rule: PeopleRule): boolean {
  if (strict.atLeast < rule.atLeast || (rule.notStarter && !strict.notStarter)) return false
  if (rule.of === null) return strict.of === null
  return strict.of?.every((name) => rule.of?.includes(name)) === true
}

/** How many people are missing at least, where one may count for several rules. */
export function missingCount(missing: readonly MissingPeople[]): number {
  const apart: MissingPeople[] = []
  for (const one of missing) if (apart.every(({ of }) => areApart(of, one.of))) apart.push(one)
  return Math.max(
    0,
    ...missing.map(({ count }) => count),
    apart.reduce((sum, { count }) => sum + count, 0),
  )
}

function areApart(a: string[] | null, b: string[] | null): boolean {
  return a !== null && b !== null && !a.some((name) => b.includes(name))
}

/** Whether an operator may decide on what an agent asks. */
export function mayDecide(
  operator: Pick<Operator, 'state' | 'role' | 'agents'> | undefined,
  agent: string,
): boolean {
  return (
    operator?.state === 'active' &&
    RIGHTS[operator.role].has('decide') &&
    (operator.agents === null || operator.agents.includes(agent))
  )
}

/** Why rules cannot be met by those who may decide on an agent now; undefined if they can. */
export function whyTooFew(
  rules: readonly PeopleRule[],
  { operators, agent, starter }: { operators: readonly Operator[]; agent: string; starter: string },
): string | undefined {
  const able = operators.filter((operator) => mayDecide(operator, agent))
  for (const rule of rules) {
    const counted = able.filter((one) => countsFor(rule, voterOf(one), starter)).length
    if (counted < rule.atLeast)
      return `it takes ${peopleRuleText(rule)}, and ${counted === 0 ? 'nobody' : `only ${counted}`} of those who may decide on ${agent} ${counted > 1 ? 'count' : 'counts'}`
  }
  return undefined
}

/** What a rule asks for, without names: agents may read it. */
export function peopleRuleText({ atLeast, of, notStarter }: PeopleRule): string {
  const who = of === null ? people(atLeast) : `${atLeast} of ${of.length} named people`
  return notStarter ? `${who} other than whoever started the agent` : who
}

/** The same with names, for operators. */
export function namedPeopleText(rule: PeopleRule): string {
  const who = rule.of === null ? people(rule.atLeast) : `${rule.atLeast} of ${rule.of.join(', ')}`
  return rule.notStarter ? `${who} other than whoever started the agent` : who
}

/** `1 person`, `2 people`. */
export function people(count: number): string {
  return count === 1 ? '1 person' : `${count} people`
}
