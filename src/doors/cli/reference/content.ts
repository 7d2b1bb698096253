import { FAULTS } from '../../../base/fault.ts'
import type { Face } from '../../../commands/face.ts'
import type { SubjectKind } from '../../../commands/subject.ts'
import { faces } from '../../../commands/registry.ts'
import { SETTINGS_TEXT } from '../../../config/settings.ts'
import { byGroup } from '../help.ts'
import { kebab } from '../cli-command.ts'

/** A section of the reference: tables, or verbatim text. */
export interface Section {
  title: string
  intro: string
  tables: readonly ReferenceTable[]
  verbatim?: string
}

export interface ReferenceTable {
  title: string
  head: readonly [string, string]
  rows: readonly (readonly [code: string, text: string])[]
}

/** What people look up: commands, keys, faults, settings. */
export function referenceSections(): Section[] {
  return [
    {
      title: 'Commands',
      intro: 'Every command also takes --json and --help.',
      tables: byGroup().map(({ title, commands }) => ({
        title,
        head: ['command', 'what it does'],
        rows: commands.map(({ face }) => [`clawdeck ${face.cli ?? ''}`, commandText(face)]),
      })),
    },
    { title: 'Keys', intro: 'Keys in the console.', tables: keyTables() },
    {
      title: 'Faults',
      intro:
        'With --json a failure is {"fault": {"code", "message", "hint"}} on stderr. Exit codes: 0 done · 1 failed · 2 usage · 3 not found · 4 refused by policy · 5 supervisor or backend unavailable. exec ends with the code of the command in the pod.',
      tables: [
        {
          title: '',
          head: ['fault', 'exit code, meaning'],
          rows: Object.entries(FAULTS).map(([code, [exit, means]]) => [code, `${exit}: ${means}`]),
        },
      ],
    },
    {
      title: 'Settings',
      intro: 'config.yaml in the deck home, as `clawdeck init` writes it.',
      tables: [],
      verbatim: SETTINGS_TEXT,
    },
  ]
}

function commandText({ help, flags = {} }: Face): string {
  const lines = Object.entries(flags).map(
    ([key, flag]) =>
      `--${kebab(key)}${flag.value === undefined ? '' : ` <${flag.value}>`}  ${flag.about}`,
  )
  return [help, ...lines].join('\n')
}

/** Titles that the name of a noun does not give. */
const KEY_TITLES: Partial<Record<SubjectKind, string>> = {
  deck: 'Anywhere',
  rule: 'On a learned rule',
}

function keyTables(): ReferenceTable[] {
  const keyed = faces.filter((face) => face.keys !== undefined)
  return [...new Set(keyed.map(({ about }) => about))].map((noun) => ({
    title: KEY_TITLES[noun] ?? `On ${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`,
    head: ['keys', 'what they do'],
    rows: keyed
      .filter(({ about }) => about === noun)
      .map((face) => [face.keys?.join(' ') ?? '', `${face.title}: ${face.help}`]),
  }))
}
