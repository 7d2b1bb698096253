import { count, plain } from '../../../base/text.ts'
import type { Paint } from '../terminal.ts'
import { safeLines, wrapped, type Page, type Printers } from './page.ts'
import type { PackRow, PackService } from '../../../domain/policy/packs/types.ts'

function packs(all: readonly PackRow[], { paint }: Page): string {
  if (all.length === 0) return 'There are no packs.\n'
  return all
    .map((row) => {
      const text = wrapped(`  ${plain(row.problem ?? row.about, 1000)}`, '  ')
      const name = paint('strong', plain(row.name))
      return `${name}  ${stateText(row, paint)} · ${row.origin}\n${text}`
    })
    .join('')
}

function stateText({ enabled, problem, policies, tests }: PackRow, paint: Paint): string {
  if (problem !== null) return paint('bad', `${enabled ? 'enabled, but ' : ''}refused`)
  const state = enabled ? paint('good', 'enabled') : paint('dim', 'not enabled')
  return `${state} · ${count(policies, 'policy', 'policies')} · ${count(tests, 'case')}`
}

function pack(
  { pack: row, text }: Awaited<ReturnType<PackService['show']>>,
  { paint }: Page,
): string {
  const state = row.enabled
    ? 'enabled'
    : `not enabled. Enable it: clawdeck policy pack enable ${plain(row.name)}`
  const head = [`# ${plain(row.path)}`, `# ${state}`].map((line) => paint('dim', line))
  return `${head.join('\n')}\n${safeLines(text)}\n`
}

export const packPrinters = {
  packs,
  pack,
} satisfies Partial<Printers>
