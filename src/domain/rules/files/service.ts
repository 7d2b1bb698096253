import { analyzeRepository } from './analyze.ts'
import { exportFiles } from './export.ts'
import { importFiles } from './import.ts'
import type { FilesParts } from './parts.ts'
import type { ExportInput, ExportReport, ImportInput, ImportReport } from './types.ts'

/** Rules that travel in files. */
export function ruleFiles(parts: FilesParts) {
  return {
    import: (input: ImportInput, actor: string): Promise<ImportReport> =>
      importFiles(parts, input, actor),
    export: (input: ExportInput, actor: string): Promise<ExportReport> =>
      exportFiles(parts, input, actor),
    analyze: (input: { path: string; commits: number }, actor: string): Promise<ImportReport> =>
      analyzeRepository(parts, input, actor),
  }
}
