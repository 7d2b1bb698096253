import { risksOf } from '../../../command-analysis/risks.ts'
import { SECRETS, words as anyOf } from '../../../command-analysis/risk-words.ts'
import type { Table } from '../../../command-analysis/table.ts'
import type { Command, Line } from '../../../command-analysis/types.ts'
import type { Action, Factor } from '../types.ts'
import { viewOf } from '../matching/view.ts'

const SQL_LOSS = anyOf(
  'drop table',
  'drop database',
  'drop schema',
  'delete from',
  'truncate table',
  'truncate',
)
const FETCHERS = new Set(['curl', 'wget'])

/** What a command is known for, each label once. */
export function commandFactors(action: Action, table: Table): Factor[] {
  const line = viewOf(action, table).line
  if (line === undefined) return []
  const rules = line.commands.flatMap(({ invocation }) => risksOf(invocation))
  const labels = new Set(rules.map(({ label }) => label))
  const factors = new Map<string, Factor>()
  for (const { label, points, unless } of rules)
    if (points > 0 && (unless === undefined || !labels.has(unless)))
      if ((factors.get(label)?.points ?? 0) < points) factors.set(label, { label, points })
  return [...factors.values(), ...textFactors(action, line)]
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

/** One command that is understood, with nothing around it but what changes nothing. */
function isPlain({ commands: [only, ...more], unclear }: Line): boolean {
  if (only === undefined || more.length > 0 || unclear.length > 0) return false
  const { words, settings, opened } = only
  return (
    settings.length === 0 && opened.length === 0 && words.every(({ text }) => text !== undefined)
  )
}

/**
 * Something that fetches, and something that runs what it is sent, or what the line has fetched for
 * it.
 */
function runsDownload({ commands, streams, text }: Line): boolean {
  const fetches = commands.some(({ invocation }) => FETCHERS.has(invocation.name ?? ''))
  if (!fetches) return false
  return streams.length > 0 || (/\$\(|`|<\(/.test(text) && commands.some(isInterpreter))
}

function isInterpreter({ invocation: { node, name } }: Command): boolean {
  return node?.stdin === 'code' || node?.stdin === 'commands' || name === 'eval' || name === '.'
}

/** `truncate` alone is a program of its own, counted already. */
function withoutTruncate(target: string): string {
  return target.replace(/\btruncate\b(?!\s+table)/gi, '')
}
