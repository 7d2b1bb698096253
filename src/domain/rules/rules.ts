import type { RuleRow } from './types.ts'

type Subject = Pick<RuleRow, 'id' | 'status' | 'decision'> & { expired?: boolean }
type Reason = string | undefined

const is = ({ id, status }: Subject) => `${id} is ${status}`
const unlessArchived = (rule: Subject): Reason =>
  rule.status === 'archived' ? `${is(rule)}: restore it first` : undefined

/** Why an act is not possible for a rule; undefined if it is possible. */
export const ruleCan = {
  confirm(rule: Subject): Reason {
    if (rule.decision === '') return `${rule.id} is advice, which cannot be confirmed`
    if (rule.status === 'confirmed') return is(rule)
    const archived = unlessArchived(rule)
    if (archived !== undefined || rule.expired !== true) return archived
    return `${rule.id} has expired: change its expiry first`
  },
  suspend: (rule: Subject): Reason =>
    rule.status === 'confirmed' || rule.status === 'candidate' ? undefined : is(rule),
  resume: (rule: Subject): Reason =>
    rule.status === 'suspended' ? undefined : `${is(rule)}, not suspended`,
  archive: (rule: Subject): Reason => (rule.status === 'archived' ? is(rule) : undefined),
  restore: (rule: Subject): Reason =>
    rule.status === 'archived' ? undefined : `${is(rule)}, not archived`,
  edit: unlessArchived,
  merge: unlessArchived,
}
