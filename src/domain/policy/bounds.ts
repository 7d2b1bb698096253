import type { Table } from '../../command-analysis/table.ts'
import { noOf, type No } from './no.ts'
import { yesOf, type Yes } from './yes.ts'

/** Bounds of a template and leases come again and again, as plain data: what they mean is worked out once. */
const yeses = new WeakMap<object, Yes>()
const noes = new WeakMap<object, { table: Table; no: No }>()

/** What a bound or a lease allows. */
export function boundYes(bound: { target: string }): Yes {
  const known = yeses.get(bound)
  if (known !== undefined) return known
  const yes = yesOf({ target: bound.target })
  yeses.set(bound, yes)
  return yes
}

/** What a bound asks about or blocks. */
export function boundNo(bound: { target: string }, table: Table): No {
  const known = noes.get(bound)
  if (known?.table === table) return known.no
  const no = noOf({ target: bound.target }, table)
  noes.set(bound, { table, no })
  return no
}
