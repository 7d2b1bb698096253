import { analyzeRepository } from './analyze.ts'
import { exportFiles } from './export.ts'
import { importFiles } from './import.ts'
import type { RuleFileParts } from './parts.ts'
import type { RuleFileService } from './types.ts'

/** Imports rules from files, exports them, and learns hints from git histories. */
export function ruleFileService(parts: RuleFileParts): RuleFileService {
  return {
    import: (input, actor) => importFiles(parts, input, actor),
    export: (input, actor) => exportFiles(parts, input, actor),
    analyze: (input, actor) => analyzeRepository(parts, input, actor),
  }
}
