import type { RiskLevel } from '../types.ts'

/** How risky a task is, and the lines that say why, in order. */
export interface TaskRisk {
  level: RiskLevel
  basis: string[]
}

const LEVELS: RiskLevel[] = ['low', 'medium', 'high', 'critical']

/** The higher of two levels. */
export function higher(a: RiskLevel, b: RiskLevel): RiskLevel {
  return LEVELS.indexOf(a) >= LEVELS.indexOf(b) ? a : b
}
