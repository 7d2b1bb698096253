import type { Table } from '../../command-analysis/programs/table.ts'
import { CORRECTED, type Corrections } from '../corrections.ts'
import type { Task } from '../types.ts'
import type { TaskRisk } from './level.ts'
import { lexicalRisk } from './lexical.ts'
import { structuralRisk } from './structural.ts'

/** Rates how risky tasks are. */
export class RiskAssessor {
  readonly #structural: boolean

  readonly #programs: Table | undefined

  constructor(corrections: Corrections = CORRECTED, programs?: Table) {
    this.#programs = programs
    this.#structural = corrections['structural-risk']
  }

  assess(task: Task): TaskRisk {
    return this.#structural ? structuralRisk(task, this.#programs) : lexicalRisk(task)
  }
}
