/** How much of a framework was covered at a time. */
export interface CoverageSnapshot {
  framework: string
  coverage_percentage: number
  generated_at: string
}

export interface CoverageTrend extends CoverageSnapshot {
  /** In percentage points since the snapshot before; 0 for the first. */
  change: number
}

/** The snapshots of one framework, oldest first, each with what changed. */
export function coverageTrend(
  snapshots: readonly CoverageSnapshot[],
  framework: string,
): CoverageTrend[] {
  const own = snapshots
    .filter((each) => each.framework === framework)
    .toSorted((a, b) => Date.parse(a.generated_at) - Date.parse(b.generated_at))
  return own.map((each, i) => ({
    ...each,
    change: i === 0 ? 0 : each.coverage_percentage - (own[i - 1]?.coverage_percentage ?? 0),
  }))
}
