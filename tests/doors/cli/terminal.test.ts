import { screenFace } from '../../../src/commands/face.ts'
import fc from 'fast-check'
import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../../src/base/fault.ts'
import { drawFault, faultLine } from '../../../src/doors/cli/faults.ts'
import { printAnswer } from '../../../src/doors/cli/print/answers.ts'
import { facts, painter, table, type Paint } from '../../../src/doors/cli/terminal.ts'

const bare: Paint = (_tone, text) => text

describe('tables', () => {
  test('columns stand under each other', () => {
    expect(
      table(
        bare,
        ['A', 'LONGER', 'LAST'],
        [
          ['1', '2', '3'],
          ['wide', { text: '4', tone: 'good' }, ''],
        ],
        'none',
      ),
    ).toBe('A     LONGER  LAST\n1     2       3\nwide  4\n')
  })

  test('no rows say so', () => {
    expect(table(bare, ['A'], [], 'Nothing here.')).toBe('Nothing here.\n')
  })

  test('nothing from a pod can move the cursor, colour the screen or break a line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = table(bare, ['A', 'B'], [[text, 'b']], '').split('\n')
        expect(line).toHaveLength(3)
        expect(line[1]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
        expect(facts(bare, [['key', text]]).trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
      }),
    )
  })
})

describe('colour', () => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true })
  test.each([
    [terminal, {}, true],
    [terminal, { NO_COLOR: '1' }, false],
    [terminal, { NO_COLOR: '' }, true],
    [terminal, { TERM: 'dumb' }, false],
    [new PassThrough(), {}, false],
  ])('%#: only on a terminal that wants it', (stdout, env, coloured) => {
    expect(painter(stdout, env)('bad', 'x') !== 'x').toBe(coloured)
  })
})

describe('faults', () => {
  const fault = new Fault('not.found', 'no such \u001b[31mthing', {
    hint: 'Look elsewhere.',
    cause: new Error('the disk said no'),
  })
  test('say what, why and what next', () => {
    expect(drawFault(fault, bare)).toBe(
      'clawdeck: no such ␛[31mthing\n  why   the disk said no\n  next  Look elsewhere.\n',
    )
  })
  test('as JSON they are one line', () => {
    expect(JSON.parse(faultLine(fault))).toEqual({
      fault: { code: 'not.found', message: 'no such \u001b[31mthing', hint: 'Look elsewhere.' },
    })
  })
})

test('an answer without a printer is shown as JSON, harmless', () => {
  expect(
    printAnswer(
      screenFace('some.thing', { title: '', help: '', about: 'deck' }),
      { a: '\u001b]0;x\u0007' },
      { paint: bare, now: 0 },
    ),
  ).not.toMatch(/[\u001b\u0007]/)
})
