import { afterAll, expect, it } from 'vitest'
import { glob } from '../../src/base/glob.ts'
import { readLine } from '../../src/command-analysis/line.ts'
import type { Command, Line } from '../../src/command-analysis/types.ts'
import { programs } from '../../src/config/programs.ts'
import { generatedLines, STUBS } from './generated-lines.ts'
import { Shells, which } from './shells.ts'

const LINES = Number(process.env['DECK_LINES'] ?? 20_000)
const SEED = Number(process.env['DECK_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
/** Lines that one shell process runs, each in a shell of its own. */
const BATCH = 200

const shells = new Shells()
afterAll(() => shells[Symbol.dispose]())

const isStub = (name: string | undefined) =>
  (STUBS as readonly (string | undefined)[]).includes(name)

/** What a line certainly executes, of programs that write it down. */
function must(line: Line): string[][] {
  return line.commands
    .filter(({ reach, words }) => reach === 'always' && isStub(words[0]?.text))
    .map(({ words }) => words.map(({ text }) => text as string))
}

/** Whether a command could have been executed with these words. */
function could({ words }: Command, executed: readonly string[]): boolean {
  const fits = (at: number, from: number): boolean => {
    const word = words[at]
    if (word === undefined) return from === executed.length
    if (word.splits)
      for (let to = from; to <= executed.length; to++) if (fits(at + 1, to)) return true
    return (
      from < executed.length && glob(word.shape, executed[from] as string) && fits(at + 1, from + 1)
    )
  }
  return fits(0, 0)
}

function wrongAbout(text: string, executed: readonly string[][]): string[] {
  const line = readLine(text, programs())
  const seen = executed.map((words) => words.join('\x1f'))
  const missing = must(line).filter((words) => !seen.includes(words.join('\x1f')))
  const unforeseen =
    line.unclear.length > 0
      ? []
      : executed.filter((words) => !line.commands.some((command) => could(command, words)))
  return [
    ...missing.map((words) => `was to execute ${JSON.stringify(words)}`),
    ...unforeseen.map((words) => `executed ${JSON.stringify(words)}, which was not foreseen`),
  ]
}

it.skipIf(which('bash') === undefined || which('dash') === undefined)(
  `what must be is executed, and what is executed may be: ${LINES} lines, seed ${SEED}`,
  async () => {
    const wrong: string[] = []
    const tally = { lines: 0, clear: 0, executed: 0, always: 0 }
    for (let from = 0; from < LINES; from += BATCH) {
      const lines = generatedLines(SEED + from, Math.min(BATCH, LINES - from))
      const [bash, dash] = await Promise.all([
        shells.executed('bash', lines),
        shells.executed('dash', lines),
      ])
      lines.forEach((text, i) => {
        const line = readLine(text, programs())
        tally.lines++
        if (line.unclear.length === 0) tally.clear++
        tally.executed += bash.get(i)?.length ?? 0
        tally.always += must(line).length
        for (const [shell, executed] of [
          ['bash', bash],
          ['dash', dash],
        ] as const)
          for (const why of wrongAbout(text, executed.get(i) ?? []))
            wrong.push(`${shell} ${why}\n${text}`)
      })
    }
    expect(wrong.slice(0, 20)).toEqual([])
    // A reading that understands nothing would fit too.
    expect(tally.clear / tally.lines).toBeGreaterThan(0.4)
    expect(tally.always / tally.executed).toBeGreaterThan(0.05)
  },
  1_800_000,
)
