import { count, plain } from '../../../base/text.ts'
import { facts, table } from '../terminal.ts'
import { bullets, bytes, type Page, type Printers } from './page.ts'
import type { ImportReport, ExportReport } from '../../../domain/rules/files/types.ts'

const MOST_SHOWN = 50

function imported(report: ImportReport, { paint }: Page): string {
  const { source, found, dryRun, rules, playbooks, events, conflicts, notes } = report
  const counts = [
    ['new', rules.made],
    ['changed', rules.changed],
    ['the same', rules.same],
    ['kept as they are here', rules.kept],
  ] as const
  const said = counts
    .filter(([, n]) => n > 0)
    .map(([what, n]) => `${n} ${what}`)
    .join(', ')
  return (
    facts(paint, [
      ['from', source],
      ['found', found.join(', ') || undefined],
      ['rules', said || 'none'],
      ['playbooks', playbooks === 0 ? undefined : String(playbooks)],
      ['log', events === 0 ? undefined : count(events, 'line')],
    ]) +
    differing(conflicts, paint) +
    (dryRun && conflicts.length > rules.kept
      ? 'Nothing would be taken without --replace or --keep.\n'
      : '') +
    bullets(
      paint,
      'to know',
      notes.map((note) => plain(note, 1000)),
    ) +
    (dryRun ? 'Nothing was changed: this was a dry run.\n' : '')
  )
}

function differing(conflicts: ImportReport['conflicts'], paint: Page['paint']): string {
  if (conflicts.length === 0) return ''
  const rows = conflicts.slice(0, MOST_SHOWN).map(({ id, differs }) => [id, differs.join(', ')])
  const more = conflicts.length - MOST_SHOWN
  return `${table(paint, ['HERE ALREADY', 'DIFFERS IN'], rows, '')}${more > 0 ? `and ${more} more\n` : ''}`
}

function exported(
  { path, files, rules, playbooks, events }: ExportReport,
  { paint }: Page,
): string {
  return `${facts(paint, [
    ['folder', path],
    [
      'holds',
      `${count(rules, 'rule')}, ${count(playbooks, 'playbook')}, ${count(events, 'line')} of log`,
    ],
  ])}${table(
    paint,
    ['FILE', 'SIZE', 'SHA-256'],
    files.map(({ name, bytes: size, sha256 }) => [name, bytes(size), sha256]),
    '',
  )}`
}

export const ruleFilePrinters = {
  'rule-import': imported,
  'rule-export': exported,
} satisfies Partial<Printers>
