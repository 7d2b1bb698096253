import { risksOf } from '../../../command-analysis/patterns/risks.ts'
import { SECRETS, words as anyOf } from '../../../command-analysis/patterns/risk-words.ts'
import type { Table } from '../../../command-analysis/programs/table.ts'
import type { Command, Line } from '../../../command-analysis/types.ts'
import type { Action, Factor } from '../types.ts'
import { viewOf } from '../matching/view.ts'
import { destroysRoot, overwritesDisk, ROOT_FACTOR, type RatedCommand } from './roots.ts'

const SQL_LOSS = anyOf(
  'drop table',
  'drop database',
  'drop schema',
  'delete from',
  'truncate table',
  'truncate',
)
const DOWNLOADERS = new Set(['curl', 'wget'])

/** The risks of a command, each label once. */
export function commandFactors(action: Action, table: Table): Factor[] {
  const line = viewOf(action, table).line
  if (line === undefined) return []
  const commands = line.commands.map((command) => ({
    command,
    risks: risksOf(command.invocation),
  }))
  return [
    ...programFactors(commands),
    ...rootFactors(commands, action.cwd),
    ...textFactors(action, line),
  ]
}

/**
 * What the table of programs says. A redirection to a disk is like a program that overwrites it.
 */
function programFactors(commands: readonly RatedCommand[]): Factor[] {
  const rules = commands.flatMap(({ risks }) => risks)
  const labels = new Set(rules.map(({ label }) => label))
  const factors = new Map<string, Factor>()
  for (const { label, points, unless } of rules)
    if (points > 0 && (unless === undefined || !labels.has(unless)))
      if ((factors.get(label)?.points ?? 0) < points) factors.set(label, { label, points })
  if (commands.some(({ command }) => overwritesDisk(command)))
    factors.set(DISK_FACTOR.label, DISK_FACTOR)
  return [...factors.values()]
}

const DISK_FACTOR: Factor = { label: 'overwrites or wipes', points: 35 }

function rootFactors(commands: readonly RatedCommand[], cwd: string): Factor[] {
  const hasRoot = commands.some((each) => destroysRoot(each, cwd) || overwritesDisk(each.command))
  return hasRoot ? [ROOT_FACTOR] : []
}

function textFactors({ target, argv }: Action, line: Line): Factor[] {
  const factors: Factor[] = []
  if (
    argv.some((w, i) => i > 0 && w.length > 8 && SQL_LOSS.test(w)) ||
    SQL_LOSS.test(withoutTruncate(target))
  )
    factors.push({ label: 'deletes data', points: 25 })
  if (runsDownload(line)) factors.push({ label: 'runs what it downloads', points: 35 })
  if (SECRETS.test(target)) factors.push({ label: 'touches secrets', points: 25 })
  if (argv.length === 0 && !isPlain(line))
    factors.push({ label: 'more than one plain command', points: 5 })
  return factors
}

/** Whether a line is one command of constant words, without variables and redirections. */
function isPlain({ commands: [only, ...more], unclear }: Line): boolean {
  if (only === undefined || more.length > 0 || unclear.length > 0) return false
  const { words, settings, opened } = only
  return (
    settings.length === 0 && opened.length === 0 && words.every(({ text }) => text !== undefined)
  )
}

/** Whether a line downloads something, and runs what it reads or downloads. */
function runsDownload({ commands, streams, text }: Line): boolean {
  const downloads = commands.some(({ invocation }) => DOWNLOADERS.has(invocation.name ?? ''))
  if (!downloads) return false
  return streams.length > 0 || (/\$\(|`|<\(/.test(text) && commands.some(isInterpreter))
}

function isInterpreter({ invocation: { node, name } }: Command): boolean {
  return node?.stdin === 'code' || node?.stdin === 'commands' || name === 'eval' || name === '.'
}

/** `truncate` alone is a program, which the table of programs knows. */
function withoutTruncate(target: string): string {
  return target.replace(/\btruncate\b(?!\s+table)/gi, '')
}
