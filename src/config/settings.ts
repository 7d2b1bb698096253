import * as z from 'zod'
import { Fault } from '../base/fault.ts'
import { parseYaml, readYaml } from './yaml.ts'

const HOURS = /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/

const Settings = z.strictObject({
  backend: z.enum(['auto', 'podman', 'local']).default('auto'),
  image: z.string().min(1).max(200).default('localhost/clawdeck-agent:latest'),
  approvals: z
    .strictObject({
      expiryMinutes: z.number().min(0.05).max(1440).default(5),
    })
    .prefault({}),
  console: z
    .strictObject({
      theme: z
        .string()
        .regex(/^[a-z0-9-]{1,32}$/, 'a theme name has a–z, 0–9 and -')
        .default('dark'),
      bell: z.boolean().default(true),
      notify: z.boolean().default(true),
      quietHours: z
        .string()
        .regex(HOURS, 'write quiet hours as "22:00-07:00"')
        .nullable()
        .default(null),
    })
    .prefault({}),
})

const Input = z.preprocess((value) => value ?? {}, Settings)

/** What an operator may choose in `config.yaml`. Every key has a default, so no file is a file with none. */
export type Settings = z.output<typeof Settings>

/** `config.yaml` as `init` writes it: every key with its default, commented out, so that defaults may improve. */
export const SETTINGS_TEXT = `# Settings of this deck. A key that is commented out has the value shown.

# Where new pods run: auto (podman if it is there, else local), podman or local.
# backend: auto

# The image that new agents run, made by \`clawdeck image build\`.
# image: localhost/clawdeck-agent:latest

# approvals:
#   # An approval that nobody decides in this time is denied.
#   expiryMinutes: 5

# console:
#   # A file of themes/, yours in this folder first.
#   theme: dark
#   # Ring the bell, and notify through the terminal, when a new approval arrives.
#   bell: true
#   notify: true
#   # In these hours it stays quiet, as "22:00-07:00". null for none.
#   quietHours: null
`

/** Reads `config.yaml`; no file gives the defaults. Fault `config.invalid` names file, line, key and what is allowed. */
export async function readSettings(path: string): Promise<Settings> {
  try {
    return (await readYaml(path, Input, { file: 'config.yaml', code: 'config.invalid' })).value
  } catch (error) {
    if (error instanceof Fault && error.code === 'not.found') return parseSettings('')
    throw error
  }
}

/** The settings that a YAML text means. Text with comments alone gives the defaults. */
export function parseSettings(text: string): Settings {
  return parseYaml(text, Input, { file: 'config.yaml', code: 'config.invalid' })
}
