import { GROUPS } from '../../commands/face.ts'
import { faces } from '../../commands/registry.ts'
import { choicesOf, kebab, spellings, usageOf, type Spelling } from './spelling.ts'
import type { Paint } from './terminal.ts'

/** Help on everything, on the commands that begin with a word, or on one command. */
export function help(
  { words, spelling }: { words: readonly string[]; spelling: Spelling | undefined },
  paint: Paint,
): string {
  if (spelling !== undefined) return helpOn(spelling, paint)
  const all = spellings(faces)
  if (words.length > 0)
    return listed(
      all.filter((one) => one.words[0] === words[0]),
      paint,
    )
  const groups = byGroup().map(
    ({ title, spellings: some }) => `${paint('strong', title)}\n${listed(some, paint)}`,
  )
  return `clawdeck: the operator's deck for autonomous agents.\n\n  clawdeck              open the console\n  clawdeck <command>    do one thing and print the answer\n\n${groups.join('\n')}
Every command takes --json (one object; one per line for streams) and --help.
Exit codes: 0 done · 1 failed · 2 usage · 3 not found · 4 refused by policy · 5 supervisor or backend unavailable.
The deck lives in $CLAWDECK_HOME, else ~/.clawdeck.\n`
}

/** Groups of the help and of the reference: title, and the rows in it. */
export function byGroup(): { title: string; spellings: Spelling[] }[] {
  const all = spellings(faces)
  return GROUPS.map((title) => ({
    title,
    spellings: all.filter(({ face }) => face.group === title),
  }))
}

function listed(some: readonly Spelling[], paint: Paint): string {
  const width = Math.max(...some.map(({ face }) => face.cli?.length ?? 0))
  return some
    .map(
      ({ face }) =>
        `  ${(face.cli ?? '').padEnd(width)}  ${paint('dim', firstSentence(face.help))}\n`,
    )
    .join('')
}

function firstSentence(text: string): string {
  return /^.*?[.;:](?= |$)/.exec(text)?.[0].replace(/[.;:]$/, '') ?? text
}

function helpOn(spelling: Spelling, paint: Paint): string {
  const { face, params } = spelling
  const flags = [
    ...Object.entries(face.flags ?? {}).map(
      ([key, flag]) =>
        [
          `${flag.short === undefined ? '' : `-${flag.short}, `}--${kebab(key)}${flag.value === undefined ? '' : ` <${flag.value}>`}`,
          flag.about,
        ] as const,
    ),
    [
      '--json',
      face.act?.stream === true ? 'one JSON object per line' : 'the answer as JSON',
    ] as const,
    ['--help', 'this'] as const,
  ]
  const width = Math.max(...flags.map(([name]) => name.length))
  const choices = params
    .map(({ key }) => [key, choicesOf(face, key)] as const)
    .filter(([, values]) => values.length > 0)
  return [
    face.help,
    '',
    `${paint('strong', 'Usage')}    ${usageOf(spelling)}`,
    ...(face.example === undefined ? [] : [`${paint('strong', 'Example')}  ${face.example}`]),
    ...choices.map(([key, values]) => `         <${key}> is ${values.join(', ')}`),
    '',
    ...flags.map(([name, about]) => `  ${name.padEnd(width)}  ${paint('dim', about)}`),
    ...(face.keys === undefined ? [] : ['', `In the console: ${face.keys.join(' ')}`]),
    '',
  ].join('\n')
}
