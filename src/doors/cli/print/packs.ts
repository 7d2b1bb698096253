import { count, plain } from '../../../base/text.ts'
import type { Packs } from '../../../commands/deck.ts'
import type { PackRow } from '../../../domain/policy/learning/types.ts'
import { table } from '../terminal.ts'
import type { Page, Printers } from './page.ts'

function list(all: readonly PackRow[], { paint }: Page): string {
  const rows = all.map((pack) => [
    pack.name, pack.enabled ? { text: 'enabled', tone: 'good' as const } : '–', String(pack.policies), String(pack.tests), pack.origin,
    pack.problem === null ? pack.about : { text: 'refused', tone: 'bad' as const },
  ])
  const refused = all.flatMap(({ name, problem }) => problem === null ? [] : [`${paint('bad', '✗')} ${plain(name)}: ${plain(problem, 1000)}\n`])
  return `${table(paint, ['PACK', 'STATE', 'POLICIES', 'CASES', 'ORIGIN', 'WHAT IT IS'], rows, 'There are no packs.')}${refused.join('')}`
}

function shown({ pack, text }: Awaited<ReturnType<Packs['show']>>, { paint }: Page): string {
  const state = pack.enabled ? 'enabled' : `not enabled: clawdeck policy pack enable ${plain(pack.name)}`
  return `${paint('dim', `# ${plain(pack.path)}`)}\n${paint('dim', `# ${state}`)}\n${text.split('\n').map((line) => plain(line)).join('\n').trimEnd()}\n`
}

export const packPrinters: Printers = {
  'pack.list': list,
  'pack.show': shown,
  'pack.test': ({ name, cases }: Awaited<ReturnType<Packs['test']>>, { paint }: Page) => `${paint('good', '✓')} ${plain(name)} keeps ${cases === 1 ? 'its case' : `all of its ${cases} cases`}\n`,
  'pack.enable': ({ name, policies }: PackRow) => `${plain(name)} is in force: ${count(policies, 'policy', 'policies')}\n`,
  'pack.disable': ({ name }: PackRow) => `${plain(name)} is no longer in force\n`,
}
