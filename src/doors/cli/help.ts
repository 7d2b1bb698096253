import { GROUPS, type Flag } from '../../commands/face.ts'
import { faces } from '../../commands/registry.ts'
import { choicesOf, cliCommands, kebab, usageOf, type CliCommand } from './cli-command.ts'
import type { Paint } from './terminal.ts'

/** Help on everything, on the commands that begin with a word, or on one command. */
export function helpText(
  { words, command }: { words: readonly string[]; command: CliCommand | undefined },
  paint: Paint,
): string {
  if (command !== undefined) return commandHelp(command, paint)
  const [group] = words
  if (group === undefined) return overview(paint)
  return listed(
    cliCommands(faces).filter((one) => one.words[0] === group),
    paint,
  )
}

function overview(paint: Paint): string {
  const groups = byGroup().map(
    ({ title, commands }) => `${paint('strong', title)}\n${listed(commands, paint)}`,
  )
  return `clawdeck: the operator's deck for autonomous agents

  clawdeck              open the console
  clawdeck <command>    run a command and print its answer

${groups.join('\n')}
Every command takes --json (one object; one per line for streams) and --help.
Exit codes: 0 done · 1 failed · 2 usage · 3 not found · 4 refused by policy
            5 supervisor or backend unavailable
The deck home is $CLAWDECK_HOME, or ~/.clawdeck if that is not set.
`
}

/** The commands under each heading of the help and the reference. */
export function byGroup(): { title: string; commands: CliCommand[] }[] {
  const all = cliCommands(faces)
  return GROUPS.map((title) => ({
    title,
    commands: all.filter(({ face }) => face.group === title),
  }))
}

function listed(commands: readonly CliCommand[], paint: Paint): string {
  const width = Math.max(...commands.map(({ face }) => face.cli?.length ?? 0))
  return commands
    .map(
      ({ face: { cli = '', help } }) =>
        `  ${cli.padEnd(width)}  ${paint('dim', firstSentence(help))}\n`,
    )
    .join('')
}

function firstSentence(text: string): string {
  return /^.*?[.;:](?= |$)/.exec(text)?.[0].replace(/[.;:]$/, '') ?? text
}

function commandHelp(command: CliCommand, paint: Paint): string {
  const { face, params } = command
  const flags: [name: string, about: string][] = [
    ...Object.entries(face.flags ?? {}).map(([key, flag]): [string, string] => [
      flagName(key, flag),
      flag.about,
    ]),
    ['--json', face.act?.stream === true ? 'one JSON object per line' : 'the answer as JSON'],
    ['--help', 'show this help'],
  ]
  const width = Math.max(...flags.map(([name]) => name.length))
  const choices = params
    .map(({ key }) => [key, choicesOf(face, key)] as const)
    .filter(([, values]) => values.length > 0)
  return [
    face.help,
    '',
    `${paint('strong', 'Usage')}    ${usageOf(command)}`,
    ...(face.example === undefined ? [] : [`${paint('strong', 'Example')}  ${face.example}`]),
    ...choices.map(([key, values]) => `         <${key}>: ${values.join(', ')}`),
    '',
    ...flags.map(([name, about]) => `  ${name.padEnd(width)}  ${paint('dim', about)}`),
    ...(face.keys === undefined ? [] : ['', `In the console: ${face.keys.join(' ')}`]),
    '',
  ].join('\n')
}

/** `-f, --follow`, `--tail <n>` */
function flagName(key: string, { short, value }: Flag): string {
  const letter = short === undefined ? '' : `-${short}, `
  return `${letter}--${kebab(key)}${value === undefined ? '' : ` <${value}>`}`
}
