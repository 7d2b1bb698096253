import { hazardsOf, isHarmless } from '../../command-analysis/patterns/hazards.ts'
import { risksOf } from '../../command-analysis/patterns/risks.ts'
import type { Kind, Level } from '../../command-analysis/programs/table.ts'
import type { Command } from '../../command-analysis/types.ts'
import type { RiskLevel } from '../types.ts'

/** A risk level and the reason for it. */
export interface RiskGrade {
  level: RiskLevel
  why: string
}

/** Every grade of one command, as the table of programs knows it. */
export function gradesOf(command: Command): RiskGrade[] {
  const { invocation, words } = command
  if (words.length === 0) return []
  const { name } = invocation
  if (name === undefined) return [{ level: 'high', why: 'what it runs depends on the shell' }]
  const grades = risksOf(invocation).flatMap(({ label, level }): RiskGrade[] =>
    level === undefined ? [] : [{ level, why: `${name} ${label}` }],
  )
  if (command.runsInput && command.input.kind !== 'none')
    grades.push({ level: 'critical', why: `${name} runs what it is sent` })
  const usual = levelOf(command)
  if (usual === 'high' || usual === 'critical') grades.push({ level: usual, why: WHY[usual](name) })
  if (command.under?.command.invocation.name === 'xargs' && grades.length > 0)
    grades.push({ level: 'high', why: `${name} acts on whatever it is sent` })
  return grades.length > 0 ? grades : [{ level: usual, why: WHY[usual](name) }]
}

const WHY: Record<Level, (name: string) => string> = {
  low: (name) => `${name} only reads`,
  medium: (name) => `${name} is not known to be harmless`,
  high: (name) => `${name} changes more than files`,
  critical: (name) => `${name} destroys what cannot be had back`,
}

/**
 * The level of the verb that is used, or of its program. What goes further than its kind does not
 * only read.
 */
function levelOf(command: Command): Level {
  const { program, verbs } = command.invocation
  const level = verbs.findLast(({ node }) => node.level !== undefined)?.node.level ?? program?.level
  if (level !== 'low') return level ?? 'medium'
  return isItself(command) && reads(command) ? level : 'medium'
}

/** Whether it goes no further than its kind. What it opens is graded by itself. */
function reads(command: Command): boolean {
  const { program, operands } = command.invocation
  if (program === undefined || operands.some(({ kind }) => WRITTEN.has(kind))) return false
  const harmless = isHarmless(program)
  return hazardsOf({ ...command, opened: [], settings: [] }).every(
    ({ usual, open }) => usual || (open === true && harmless),
  )
}

const WRITTEN = new Set<Kind>(['write', 'transfer'])

/** A program reached by a path of the project's own is not the one that is known. */
function isItself({ words, invocation }: Command): boolean {
  const path = words[0]?.text ?? ''
  return !path.includes('/') || /^\/(?:usr\/)?(?:local\/)?s?bin\/[^/]+$/.test(path)
    ? invocation.program !== undefined
    : false
}
