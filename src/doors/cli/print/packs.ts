import { count, plain } from '../../../base/text.ts'
import { wrapped, type Page, type Printers } from './page.ts'
import type { PackRow, Packs } from '../../../domain/policy/packs/types.ts'

function list(all: readonly PackRow[], { paint }: Page): string {
  if (all.length === 0) return 'There are no packs.\n'
  return all
    .map(({ name, enabled, policies, tests, origin, about, problem }) => {
      const state =
        problem === null
          ? `${enabled ? paint('good', 'enabled') : paint('dim', 'not enabled')} · ${count(policies, 'policy', 'policies')} · ${count(tests, 'case')}`
          : paint('bad', `${enabled ? 'enabled, and ' : ''}refused`)
      return `${paint('strong', plain(name))}  ${state} · ${origin}\n${wrapped(`  ${plain(problem ?? about, 1000)}`, '  ')}`
    })
    .join('')
}

function shown({ pack, text }: Awaited<ReturnType<Packs['show']>>, { paint }: Page): string {
  const state = pack.enabled
    ? 'enabled'
    : `not enabled: clawdeck policy pack enable ${plain(pack.name)}`
  return `${paint('dim', `# ${plain(pack.path)}`)}\n${paint('dim', `# ${state}`)}\n${text
    .split('\n')
    .map((line) => plain(line))
    .join('\n')
    .trimEnd()}\n`
}

export const packPrinters = {
  packs: list,
  pack: shown,
} satisfies Partial<Printers>
