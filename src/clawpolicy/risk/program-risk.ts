import { programOf, type Invocation } from '../../command-analysis/structure.ts'
import type { RiskLevel } from '../types.ts'
import { INTERPRETERS, PROGRAM_RISKS } from './program-table.ts'
import { onlyReads } from './readers.ts'
import { wordSet } from './word-tests.ts'

/** A risk level and the reason for it. */
export interface RiskGrade {
  level: RiskLevel
  why: string
}

/** Every grade of one program that is run, in the order of the table. */
export function gradesOf(run: Invocation): RiskGrade[] {
  const [first, ...rest] = run.words
  if (first === undefined) return [{ level: 'high', why: 'what it runs depends on the shell' }]
  const name = programOf(first)
  const grades = PROGRAM_RISKS.filter(
    ({ programs, when }) =>
      (programs.has(name) || programs.has(name.replace(/\..*$/, ''))) && when(rest),
  ).map(({ level, why }): RiskGrade => ({ level, why: `${name} ${why}` }))
  if (
    run.piped &&
    INTERPRETERS.has(name) &&
    !rest.some((word) => word !== undefined && !word.startsWith('-'))
  )
    grades.push({ level: 'critical', why: `${name} runs what it is sent` })
  if (run.under.includes('xargs') && grades.length > 0)
    grades.push({ level: 'high', why: `${name} acts on whatever it is sent` })
  if (grades.length > 0) return grades
  if (onlyReads(first, name, rest)) return [{ level: 'low', why: `${name} only reads` }]
  return [
    {
      level: 'medium',
      why: LAUNCHERS.has(name)
        ? `${name} runs another program`
        : `${name} is not known to be harmless`,
    },
  ]
}

const LAUNCHERS = wordSet(
  'xargs find env nohup time nice timeout command exec busybox stdbuf setsid',
)
