import { describe, expect, it } from 'vitest'
import { readLine, readWords } from '../../src/command-analysis/line.ts'
import { spelledOut } from '../../src/command-analysis/patterns/texts.ts'
import type { Table } from '../../src/command-analysis/programs/table.ts'
import type { Line } from '../../src/command-analysis/types.ts'
import { programs } from '../../src/config/programs.ts'
import { hostileLines, hostileWords } from '../support/hostile-lines.ts'

const table = programs()

/** Steps of reading: how often a program is looked up, and how much text is made of a line. */
function stepsOf(read: (table: Table) => Line): number {
  let steps = 0
  const line = read({
    ...table,
    find(name) {
      steps++
      return table.find(name)
    },
  })
  for (const command of line.commands) {
    steps += command.words.length
    for (const text of spelledOut(command)) steps += text.length
  }
  for (const loose of line.loose) steps += loose.words.length
  return steps
}

/** Whatever a line says, and however long it is. */
const MOST_STEPS = 400_000
/** Of one that is twice as long. */
const MOST_GROWTH = 3

describe('a hostile line', () => {
  it.each(hostileLines(65_536).map((line, i) => [line.slice(0, 12), i] as const))(
    'of %j is read in steps that grow with its length, up to a bound',
    (_, i) => {
      const [short, long, longest, beyond] = [1000, 2000, 8192, 65_536].map((length) =>
        stepsOf((counting) => readLine(hostileLines(length)[i] as string, counting)),
      ) as [number, number, number, number]
      expect(long).toBeLessThanOrEqual(MOST_GROWTH * short + 2000)
      expect(longest).toBeLessThanOrEqual(MOST_STEPS)
      expect(beyond).toBeLessThanOrEqual(1000)
    },
  )
  it.each(hostileLines(8192).map((line) => [line.slice(0, 12), line] as const))(
    'of %j has a bounded number of commands and words',
    (_, line) => {
      const { commands } = readLine(line, table)
      expect(commands.length).toBeLessThanOrEqual(128)
      const words = commands.reduce((sum, command) => sum + command.words.length, 0)
      expect(words).toBeLessThanOrEqual(16_384)
    },
  )
  it.each([
    ['too many commands', 'a;'.repeat(200)],
    ['too many known commands', `${'ls src;'.repeat(128)}rm -rf /`],
    ['too many parts of a list', `${'ls && '.repeat(128)}rm -rf /`],
    ['too many commands in a group', `{ ${'ls;'.repeat(128)}rm -rf /; }`],
    ['too many commands in a loop', `for x in a; do ${'ls;'.repeat(128)}rm -rf /; done`],
    ['too many commands in a substitution', `ls $(${'ls;'.repeat(128)}rm -rf /)`],
    ['too many commands for a shell', `sh -c '${'ls;'.repeat(128)}rm -rf /'`],
    ['too many commands, and one behind them', `${'ls;'.repeat(127)}(ls); rm -rf /`],
    ['too deep', `${'$('.repeat(20)}a${')'.repeat(20)}`],
    ['too long', 'x'.repeat(8193)],
    ['many words of a program that nobody knows', `foo ${'x '.repeat(300)}`],
    ['many wrappers', 'sudo '.repeat(300)],
  ])('with %s is not read as if it were whole', (_, line) =>
    expect(readLine(line, table).unclear).not.toEqual([]),
  )
  it('of as many commands as are read is read as a whole', () => {
    const { commands, unclear } = readLine(`${'ls src;'.repeat(127)}rm x`, table)
    expect(commands).toHaveLength(128)
    expect(unclear).toEqual([])
  })
  it.each(
    hostileWords().map((words) => [words.slice(0, 3).join(' ').slice(0, 20), words] as const),
  )('of the words %j is read within bounds', (_, words) =>
    expect(stepsOf((counting) => readWords(words, counting))).toBeLessThanOrEqual(MOST_STEPS),
  )
})
