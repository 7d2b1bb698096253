import { describe, expect, it } from 'vitest'
import { readLine, readWords } from '../../src/command-analysis/line.ts'
import { programs } from '../../src/config/programs.ts'
import { hostileLines, hostileWords } from '../support/hostile-lines.ts'

const table = programs()

describe('a hostile line', () => {
  const lines = [100, 2000, 8192, 65_536].flatMap(hostileLines)
  it.each(lines.map((line) => [line.length, line.slice(0, 12), line] as const))(
    'of %i characters of %j is read within bounds',
    (_, __, line) => {
      const began = performance.now()
      const { commands } = readLine(line, table)
      expect(performance.now() - began).toBeLessThan(500)
      expect(commands.length).toBeLessThanOrEqual(128)
      const words = commands.reduce((sum, command) => sum + command.words.length, 0)
      expect(words).toBeLessThanOrEqual(16_384)
    },
  )
  it.each([
    ['too many commands', 'a;'.repeat(200)],
    ['too deep', `${'$('.repeat(20)}a${')'.repeat(20)}`],
    ['too long', 'x'.repeat(8193)],
    ['many wrappers', 'sudo '.repeat(300)],
  ])('with %s is not read as if it were whole', (_, line) =>
    expect(readLine(line, table).unclear).not.toEqual([]),
  )
  it.each(
    hostileWords().map((words) => [words.slice(0, 3).join(' ').slice(0, 20), words] as const),
  )('of the words %j is read within bounds', (_, words) => {
    const began = performance.now()
    readWords(words, table)
    expect(performance.now() - began).toBeLessThan(500)
  })
})
