import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainWords } from '../../src/command-analysis/shell/plain-words.ts'
import { runsOnly, states } from '../../src/command-analysis/patterns/kinds.ts'
import { readLine } from '../../src/command-analysis/line.ts'
import { programs } from '../../src/config/programs.ts'
import { widerTriggers } from '../../src/clawpolicy/proposals.ts'
import type { Task } from '../../src/clawpolicy/types.ts'
import { quote } from '../../src/base/quote.ts'

const stated = (...words: string[]): Task => ({ task_type: words[0], command: quote(words) })

/** Text that means much to a shell. */
const hostile = fc
  .array(
    fc.constantFrom(
      ' ',
      '\n',
      "'",
      '"',
      '`',
      ';',
      '&',
      '|',
      '$(x)',
      '$X',
      '\\',
      '>',
      '<',
      '(',
      ')',
      '{',
      '}',
      '*',
      '#',
      '~',
      '!',
      '\u00a0',
      '\0',
      '\ud800',
      'a',
      'docs/',
      'git',
      'push',
      '--force',
      '=',
      '==',
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))

describe('hostile targets', () => {
  it('a statement is one program with these words, and another statement is met only by the same first words', () => {
    const some = fc.oneof(hostile, fc.constantFrom('https://a.test', 'POST', 'docs/', 'write'))
    fc.assert(
      fc.property(
        fc.constantFrom('net', 'file'),
        fc.tuple(some, some, hostile),
        fc.tuple(some, some, hostile),
        (type, [a, b, target], [c, d, other]) => {
          const line = readLine(quote([type, a, b, target]), programs())
          expect(line.commands.map(({ words }) => words.map(({ text }) => text))).toEqual([
            [type, a, b, target],
          ])
          expect(line.unclear).toEqual([])
          for (const { trigger } of widerTriggers(
            stated(type, a, b, target),
            'auto_execute',
            programs(),
          )) {
            const value = (trigger[1] as string).slice('runs:'.length)
            const covers = states(readLine(quote([type, c, d, other]), programs()), value)
            expect(covers).toBe(value === [type, c].join(' ') || value === [type, c, d].join(' '))
          }
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('a command is covered only if a shell would run the same words', () => {
    fc.assert(
      fc.property(fc.constantFrom('git push ', 'git ', '', 'git push'), hostile, (start, rest) => {
        const line = start + rest
        const words = plainWords(line)
        if (words !== undefined && runsOnly(readLine(line, programs()), 'git push')) {
          expect(words.slice(0, 2)).toEqual(['git', 'push'])
          expect(words).not.toContain('--force')
        }
      }),
      { numRuns: 2000 },
    )
  })
})
