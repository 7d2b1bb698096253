import { SECRETS } from '../../command-analysis/patterns/risk-words.ts'
import { higher, type TaskRisk } from './level.ts'
import { gradesOf, type RiskGrade } from './program-risk.ts'
import { readAgain } from '../../command-analysis/line.ts'
import { NO_PROGRAMS, type Table } from '../../command-analysis/programs/table.ts'
import type { Line, Opened } from '../../command-analysis/types.ts'
import { filesOf, textOf } from '../task.ts'
import { normalizeText, wholeWord } from '../text.ts'
import type { RiskLevel, Task } from '../types.ts'

/**
 * Risk by what a shell would do. Low needs every program to be known and only to read; no
 * description lowers it. A command that cannot be parsed is high.
 */
export function structuralRisk(task: Task, programs: Table = NO_PROGRAMS): TaskRisk {
  const command = textOf(task, 'command')
  const grades = [
    ...(command.trim() === ''
      ? [{ level: 'medium' as const, why: 'no command' }]
      : commandGrades(readAgain(command, programs), command)),
    ...wordGrades(task),
    ...filesOf(task).flatMap(fileGrades),
  ]
  const level = grades.reduce<RiskLevel>((top, grade) => higher(top, grade.level), 'low')
  return {
    level,
    basis: [...new Set(grades.map((grade) => `${grade.level.toUpperCase()} risk: ${grade.why}`))],
  }
}

function commandGrades({ commands, unclear }: Line, command: string): RiskGrade[] {
  const grades = commands.flatMap(gradesOf)
  for (const why of unclear) grades.push({ level: 'high', why })
  for (const { opened } of commands) grades.push(...opened.flatMap(openGrades))
  if (commands.some(({ settings }) => settings.length > 0))
    grades.push({ level: 'medium', why: 'sets variables for what it runs' })
  if (SECRETS.test(command)) grades.push({ level: 'high', why: 'touches secrets' })
  return grades.length > 0 ? grades : [{ level: 'medium', why: 'no program is named' }]
}

const SYSTEM = /^\/(?:etc|usr|bin|sbin|lib|lib64|boot|sys|proc|opt|root|var)(?:\/|$)/

function openGrades({ how, path }: Opened): RiskGrade[] {
  // A shell connects to what looks like these files: reading from them sends, too.
  const connects = /^\/dev\/(?:tcp|udp)\//.test(path.text ?? '')
  return how === 'writes' || connects ? [writeGrade(path.text)] : []
}

function writeGrade(target: string | undefined): RiskGrade {
  if (target === undefined) return { level: 'high', why: 'writes where only the shell knows' }
  if (/^\/dev\/(?!null$|stdout$|stderr$|tty$|fd\/)/.test(target))
    return { level: 'critical', why: `writes to the device ${target}` }
  return SYSTEM.test(target)
    ? { level: 'high', why: `writes to the system: ${target}` }
    : { level: 'medium', why: `writes ${target}` }
}

const DESTRUCTIVE = [
  'rm',
  'rmdir',
  'unlink',
  'delete',
  'remove',
  'destroy',
  'wipe',
  'format disk',
  'drop table',
  'drop database',
].map((word) => ({ word, test: wholeWord(word) }))

/** Words of a description only raise the risk. */
function wordGrades(task: Task): RiskGrade[] {
  const text = normalizeText(textOf(task, 'task_description'))
  return DESTRUCTIVE.filter(({ test }) => test.test(text)).map(({ word }) => ({
    level: 'high',
    why: `the description says ${word}`,
  }))
}

const MANIFESTS = new Set([
  'package.json',
  'requirements.txt',
  'pom.xml',
  'build.gradle',
  'cargo.toml',
  'go.mod',
  'pyproject.toml',
  'dockerfile',
  'makefile',
])

/** Paths are read by their parts: `src/fetch.ts` is not in `etc`. */
function fileGrades(path: string): RiskGrade[] {
  const normal = normalizeText(path)
  const grades: RiskGrade[] = []
  if (SYSTEM.test(normal) || /(?:^|\/)\.\.(?:\/|$)/.test(normal))
    grades.push({ level: 'high', why: `file outside the project: ${path}` })
  if (SECRETS.test(normal)) grades.push({ level: 'high', why: `file with secrets: ${path}` })
  if (/(?:^|\/)\.git\/hooks(?:\/|$)/.test(normal))
    grades.push({ level: 'high', why: `file that runs later: ${path}` })
  if (MANIFESTS.has(normal.slice(normal.lastIndexOf('/') + 1)))
    grades.push({ level: 'medium', why: `file that decides what is built: ${path}` })
  return grades
}
