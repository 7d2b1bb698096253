import type { Rows } from '../../../journal/tables/rows.ts'
import { roundTo } from '../statistics.ts'
import type { RecordData } from './types.ts'

/** Numbers that records add up to, by name. A name that is not there is 0. */
export type Sums = Readonly<Record<string, number>>

/** What a record adds to a group of records of its kind: `['agent', 'scout']`. */
export interface GroupSums {
  of: readonly string[]
  sums: Sums
}

/** What a record of some kind adds, and to which groups. */
export type SummedBy = (data: RecordData) => readonly GroupSums[]

const DECIMALS = 6

/** How the table names the sums of a group. */
export function sumsId(org: string, kind: string, of: readonly string[]): string {
  return `${org}/${kind}/${JSON.stringify(of)}`
}

/** The ids of all groups that begin with these parts lie between these two. */
export function sumsWithin(org: string, kind: string, of: readonly string[]): [string, string] {
  const open = `${sumsId(org, kind, of).slice(0, -1)}${of.length === 0 ? '' : ','}`
  return [open, `${open}#`]
}

/** Adds a record to the sums of its groups, in the place of how it was before. */
export function addToSums(
  rows: Rows,
  by: SummedBy,
  record: { org: string; kind: string; before?: RecordData | undefined; now?: RecordData },
): void {
  const { org, kind, before, now } = record
  const changes = new Map<string, GroupSums>()
  const add = (data: RecordData | undefined, sign: 1 | -1) => {
    for (const { of, sums } of data === undefined ? [] : by(data)) {
      const id = sumsId(org, kind, of)
      changes.set(id, { of, sums: addedSums(changes.get(id)?.sums ?? {}, sums, sign) })
    }
  }
  add(before, -1)
  add(now, 1)
  for (const [id, { of, sums }] of changes) {
    if (Object.keys(sums).length === 0) continue
    const total = addedSums(rows.get<GroupSums>('record_sums', id)?.sums ?? {}, sums)
    if (Object.keys(total).length === 0) rows.drop('record_sums', id)
    else rows.put('record_sums', id, { of, sums: total } satisfies GroupSums)
  }
}

/** Sums and others together. What adds up to 0 is left out. */
function addedSums(sums: Sums, others: Sums, sign: 1 | -1 = 1): Sums {
  const added = new Map(Object.entries(sums))
  for (const [name, value] of Object.entries(others))
    added.set(name, (added.get(name) ?? 0) + sign * value)
  return tidy(added)
}

/** All of some sums together. */
export function allSums(groups: readonly { sums: Sums }[]): Sums {
  const all = new Map<string, number>()
  for (const { sums } of groups)
    for (const [name, value] of Object.entries(sums)) all.set(name, (all.get(name) ?? 0) + value)
  return tidy(all)
}

function tidy(sums: ReadonlyMap<string, number>): Sums {
  return Object.fromEntries(
    [...sums]
      .map(([name, value]): [string, number] => [name, roundTo(value, DECIMALS)])
      .filter(([, value]) => value !== 0),
  )
}
