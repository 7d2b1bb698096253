import { bytes, count, plain } from '../../../base/text.ts'
import type { ExportReport, ImportReport } from '../../../domain/rules/files/types.ts'
import { facts, table } from '../terminal.ts'
import { bullets, type Page, type Printers } from './page.ts'

const MAX_CONFLICTS = 50

function imported(report: ImportReport, { paint }: Page): string {
  const { source, found, dryRun, rules, playbooks, events, conflicts, notes } = report
  const parts = [
    facts(paint, [
      ['from', source],
      ['found', found.join(', ') || undefined],
      ['rules', changesText(rules) || 'none'],
      ['playbooks', playbooks === 0 ? undefined : String(playbooks)],
      ['log', events === 0 ? undefined : count(events, 'line')],
    ]),
    conflictTable(conflicts, paint),
    dryRun && conflicts.length > rules.kept
      ? 'Choose --replace or --keep: without it nothing would be imported.\n'
      : '',
    bullets(
      paint,
      'notes',
      notes.map((note) => plain(note, 1000)),
    ),
    dryRun ? 'Nothing was changed: this was a dry run.\n' : '',
  ]
  return parts.join('')
}

function changesText({ made, changed, same, kept }: ImportReport['rules']): string {
  const counts: [n: number, what: string][] = [
    [made, 'new'],
    [changed, 'changed'],
    [same, 'the same'],
    [kept, 'kept as they are here'],
  ]
  return counts
    .filter(([n]) => n > 0)
    .map(([n, what]) => `${n} ${what}`)
    .join(', ')
}

function conflictTable(conflicts: ImportReport['conflicts'], paint: Page['paint']): string {
  if (conflicts.length === 0) return ''
  const rows = conflicts.slice(0, MAX_CONFLICTS).map(({ id, differs }) => [id, differs.join(', ')])
  const more = conflicts.length - MAX_CONFLICTS
  const rest = more > 0 ? `and ${more} more\n` : ''
  return `${table(paint, ['EXISTING RULE', 'DIFFERS IN'], rows, '')}${rest}`
}

function exported(
  { path, files, rules, playbooks, events }: ExportReport,
  { paint }: Page,
): string {
  const contents = [count(rules, 'rule'), count(playbooks, 'playbook'), count(events, 'log line')]
  const list = table(
    paint,
    ['FILE', 'SIZE', 'SHA-256'],
    files.map(({ name, bytes: size, sha256 }) => [name, bytes(size), sha256]),
    '',
  )
  return `${facts(paint, [
    ['folder', path],
    ['contents', contents.join(', ')],
  ])}${list}`
}

export const ruleFilePrinters = {
  'rule-import': imported,
  'rule-export': exported,
} satisfies Partial<Printers>
