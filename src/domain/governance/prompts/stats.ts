import type { GroupSums } from '../records/sums.ts'
import { groupedBy } from '../statistics.ts'
import { allSums } from '../records/sums.ts'

/** What a recorded rendering adds to: by template and version. */
export function promptRunSums(data: object): GroupSums[] {
  const run = data as { template_id: string; version_id: string; version: number }
  const sums = { runs: 1 }
  return [{ of: ['run', run.template_id, run.version_id, String(run.version)], sums }]
}

export interface PromptStats {
  overall: { total_runs: number; templates_used: number; versions_used: number }
  by_template: { template_id: string; total_runs: number }[]
  by_version: { template_id: string; version_id: string; version: number; total_runs: number }[]
  available: true
}

/** How often prompts were rendered and recorded, those used most first. */
export function promptStats(groups: readonly GroupSums[]): PromptStats {
  const versions = groups.map(({ of: [, template_id = '', version_id = '', version], sums }) => ({
    template_id,
    version_id,
    version: Number(version),
    total_runs: sums['runs'] ?? 0,
  }))
  const templates = [...groupedBy(groups, ({ of }) => of[1] ?? '')].map(([template_id, own]) => ({
    template_id,
    total_runs: allSums(own)['runs'] ?? 0,
  }))
  const mostUsed = (a: { total_runs: number }, b: { total_runs: number }) =>
    b.total_runs - a.total_runs
  return {
    overall: {
      total_runs: allSums(groups)['runs'] ?? 0,
      templates_used: templates.length,
      versions_used: versions.length,
    },
    by_template: templates.toSorted(mostUsed),
    by_version: versions.toSorted(mostUsed),
    available: true,
  }
}
