import { describe, expect, test } from 'vitest'
import { SignalBoard } from '../../../../src/domain/governance/signals/board.ts'
import { aSignal } from '../../../support/fake-rows.ts'

/** A board that is open, and what it told, as `+id` and `-id`. */
function heard() {
  const board = new SignalBoard()
  const told: string[] = []
  board.onChange((changes) =>
    told.push(changes.map(({ id, row }) => `${row === null ? '-' : '+'}${id}`).join(' ')),
  )
  board.open()
  return { board, told }
}

const one = aSignal({ id: 'a/1' })
const two = aSignal({ id: 'a/2' })
const other = aSignal({ id: 'b/1' })

describe('the board of signals', () => {
  test('tells what came, changed and went, and nothing of what stays', () => {
    const { board, told } = heard()
    board.put('a', [one, two])
    board.put('b', [other])
    board.put('a', [one, two])
    board.put('a', [{ ...one, severity: 'red' }])
    expect(told).toEqual(['+a/1 +a/2', '+b/1', '-a/2 +a/1'])
    expect(board.rows().map(({ id }) => id)).toEqual(['a/1', 'b/1'])
  })

  test.each([
    ['severity', { severity: 'red' }],
    ['detail', { detail: 'Last heartbeat 12 min ago' }],
    ['approval', { approval: 'apr_1' }],
  ] as const)('another %s is a change', (_what, change) => {
    const { board, told } = heard()
    board.put('a', [one])
    board.put('a', [{ ...one, ...change }])
    expect(told).toHaveLength(2)
  })

  test('is empty while nobody looks', () => {
    const { board, told } = heard()
    board.put('a', [one])
    board.close()
    board.put('a', [two])
    expect(board.rows()).toEqual([])
    expect(told).toEqual(['+a/1', '-a/1'])
    board.open()
    board.put('a', [two])
    expect(board.rows()).toEqual([two])
  })

  test('shows no more than a console can take', () => {
    const { board } = heard()
    board.put(
      'a',
      Array.from({ length: 500 }, (_, i) => aSignal({ id: `a/${i}` })),
    )
    expect(board.rows()).toHaveLength(100)
  })
})
