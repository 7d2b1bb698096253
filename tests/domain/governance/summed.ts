import { allSums, type GroupSums } from '../../../src/domain/governance/records/sums.ts'

/** What rows add up to, by group. */
export function summedGroups<T>(rows: readonly T[], by: (row: T) => readonly GroupSums[]) {
  const groups = Map.groupBy(rows.flatMap(by), ({ of }) => JSON.stringify(of))
  return [...groups.values()].map((own): GroupSums => ({
    of: own[0]?.of ?? [],
    sums: allSums(own),
  }))
}
