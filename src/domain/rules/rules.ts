import type { RuleRow } from './types.ts'

type Subject = Pick<RuleRow, 'id' | 'status' | 'decision'> & { expired?: boolean }
type Reason = string | undefined

const is = ({ id, status }: Subject) => `${id} is ${status}`

/** Why an act is not possible for a rule; undefined if it is. */
export const ruleCan = {
  confirm: (rule: Subject): Reason =>
    rule.decision === ''
      ? `${rule.id} is advice: it decides nothing that could be confirmed`
      : rule.status === 'archived'
        ? `${is(rule)}: restore it first`
        : rule.status === 'confirmed'
          ? is(rule)
          : rule.expired === true
            ? `${rule.id} has expired: change how long it holds first`
            : undefined,
  suspend: (rule: Subject): Reason =>
    rule.status === 'confirmed' || rule.status === 'candidate' ? undefined : is(rule),
  resume: (rule: Subject): Reason =>
    rule.status === 'suspended' ? undefined : `${is(rule)}, not suspended`,
  archive: (rule: Subject): Reason => (rule.status === 'archived' ? is(rule) : undefined),
  restore: (rule: Subject): Reason =>
    rule.status === 'archived' ? undefined : `${is(rule)}, not archived`,
  edit: (rule: Subject): Reason =>
    rule.status === 'archived' ? `${is(rule)}: restore it first` : undefined,
  merge: (rule: Subject): Reason =>
    rule.status === 'archived' ? `${is(rule)}: restore it first` : undefined,
}
