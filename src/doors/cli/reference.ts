import type { Noun } from '../../commands/face.ts'
import { faces } from '../../commands/registry.ts'
import { byGroup } from './help.ts'
import { kebab } from './spelling.ts'

/** Every command and every key as Markdown tables. */
export function reference(): string {
  return `${commands()}\n${keys()}`
}

function commands(): string {
  const parts = byGroup().map(({ title, spellings }) => {
    const rows = spellings.map(({ row }) => {
      const flags = Object.entries(row.flags ?? {}).map(
        ([key, flag]) =>
          `\`--${kebab(key)}${flag.value === undefined ? '' : ` <${flag.value}>`}\` ${cell(flag.about)}`,
      )
      return `| \`clawdeck ${cell(row.cli ?? '')}\` | ${cell(row.help)}${flags.length === 0 ? '' : `<br>${flags.join('<br>')}`} |\n`
    })
    return `#### ${title}\n\n| command | what it does |\n| --- | --- |\n${rows.join('')}`
  })
  return `### Commands\n\nEvery command also takes \`--json\` and \`--help\`.\n\n${parts.join('\n')}`
}

const WHERE: Record<Noun, string> = {
  deck: 'anywhere',
  agent: 'on an agent',
  approval: 'on an approval',
  lease: 'on a lease',
  policy: 'on a policy',
  rule: 'on a learned rule',
  shell: 'on a shell',
  event: 'on an event',
}

function keys(): string {
  const rows = faces.filter((row) => row.keys !== undefined)
  const tables = Object.entries(WHERE).map(([noun, where]) => {
    const mine = rows.filter((row) => row.about === noun)
    return mine.length === 0
      ? ''
      : `#### ${where[0]?.toUpperCase()}${where.slice(1)}\n\n| keys | what they do |\n| --- | --- |\n${mine.map((row) => `| ${row.keys?.map((key) => `\`${cell(key)}\``).join(' ')} | ${cell(row.title)}: ${cell(row.help)} |\n`).join('')}`
  })
  return `### Keys\n\n${tables.filter((text) => text !== '').join('\n')}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
