import { missingCount, namedPeopleText, people } from '../../domain/operators/people/rules.ts'
import type { MissingPeople } from '../../domain/operators/people/types.ts'
import type { Agreement, Approval, Quorum } from '../../domain/approvals/types.ts'
import { plain } from '../../base/text.ts'

/** How many have agreed of how many: `1/2`. Undefined where one decision is enough. */
export function quorumCount({ quorum }: Approval): string | undefined {
  if (quorum === undefined) return undefined
  const agreed = quorum.agreed.length
  return `${agreed}/${agreed + missingCount(quorum.missing)}`
}

/** Whose word is there, and whose is missing: `ada agreed · waits for maya or tom`. */
export function quorumText({ quorum }: Pick<Approval, 'quorum'>): string {
  if (quorum === undefined) return ''
  const { agreements, agreed } = quorum
  const others = agreements.filter(({ operator }) => !agreed.includes(operator))
  const said = agreements.find(({ operator }) => agreed.includes(operator))
  return [
    said === undefined ? '' : `${agreed.join(' and ')} agreed${toWhat(said)}`,
    ...others.map((one) => `${one.operator} would allow ${whatOf(one)}`),
    waitsFor(quorum),
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

/** What those who ask for people want, with names. */
export function quorumRules({ rules }: Quorum): string {
  return rules.map(namedPeopleText).join(', and ')
}

/** `agreed to this, as operator:ada/console`. */
export function agreementText(agreement: Agreement): string {
  return `agreed to ${whatOf(agreement)}, as ${agreement.actor}`
}

function waitsFor({ missing, agreed }: Quorum): string {
  const more = agreed.length > 0
  const who = missing.map((one) => missingText(one, more))
  return who.length === 0 ? '' : `waits for ${who.join(', and ')}`
}

function missingText({ count, of, not }: MissingPeople, more: boolean): string {
  const anybody = more ? people(count).replace(' ', ' more ') : people(count)
  const who = of === null ? anybody : someOf(count, of)
  return `${who}${of === null && not !== null ? ` other than ${not}` : ''}`
}

/** `maya or tom`, `2 of maya, tom, eve`, or all of them where all are needed. */
function someOf(count: number, of: readonly string[]): string {
  if (of.length < count) return `${count} of ${of.length === 0 ? 'nobody' : of.join(', ')}`
  if (of.length === count) return of.join(' and ')
  return count === 1 ? of.join(' or ') : `${count} of ${of.join(', ')}`
}

function toWhat(agreement: Agreement): string {
  return agreement.edited === null && agreement.lease === null ? '' : ` to ${whatOf(agreement)}`
}

/** What somebody agreed to: `this`, or what they made of it, with the lease. */
function whatOf({ edited, lease }: Agreement): string {
  const what = edited === null ? 'this' : `“${plain(edited.target, 200)}”`
  if (lease === null) return what
  const { target, agent, uses, minutes } = lease
  return `${what} and ${uses}× ${plain(target, 100)} of ${agent} for ${minutes} min`
}
