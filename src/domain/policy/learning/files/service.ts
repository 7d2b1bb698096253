import type { Clock } from '../../../../base/clock.ts'
import type { Journal } from '../../../../journal/journal.ts'
import type { Store } from '../../../../store/open.ts'
import type { Learning } from '../service.ts'
import type { ExportReport, ImportInput, ImportReport } from '../types.ts'
import { analyzeRepository } from './analyze.ts'
import { exportFiles } from './export.ts'
import { importFiles } from './import.ts'

export interface FilesParts { learning: Pick<Learning, 'usable' | 'book'>; journal: Journal; store: Store; clock: Clock }

/** Rules that travel in files. */
export function ruleFiles(parts: FilesParts) {
  return {
    import: (input: ImportInput, actor: string): Promise<ImportReport> => importFiles(parts, input, actor),
    export: (input: { path: string; plain?: boolean | undefined }, actor: string): Promise<ExportReport> => exportFiles(parts, input, actor),
    analyze: (input: { path: string; commits: number }, actor: string): Promise<ImportReport> => analyzeRepository(parts, input, actor),
  }
}
