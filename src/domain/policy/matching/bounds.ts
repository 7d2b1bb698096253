import type { Table } from '../../../command-analysis/programs/table.ts'
import { permissionOf, type Permission } from './permission.ts'
import { restrictionOf, type Restriction } from './restriction.ts'

// Bounds and leases are compared with every question, so each is compiled once.
const permissions = new WeakMap<object, Permission>()
const restrictions = new WeakMap<object, { table: Table; restriction: Restriction }>()

/** What a bound or a lease allows. */
export function boundPermission(bound: { target: string }): Permission {
  const known = permissions.get(bound)
  if (known !== undefined) return known
  const permission = permissionOf({ target: bound.target })
  permissions.set(bound, permission)
  return permission
}

/** What a bound asks about or blocks. */
export function boundRestriction(bound: { target: string }, table: Table): Restriction {
  const known = restrictions.get(bound)
  if (known?.table === table) return known.restriction
  const restriction = restrictionOf({ target: bound.target }, table)
  restrictions.set(bound, { table, restriction })
  return restriction
}
