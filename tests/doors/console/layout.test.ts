import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { updateLine } from '../../../src/doors/console/deck-painter.ts'
import { layout } from '../../../src/doors/console/views/layout.ts'
import { windowFrom } from '../../../src/doors/console/views/frame.ts'

describe('the layout', () => {
  test('at any size, with any focus, panes are inside the body and never overlap', () => {
    const focus = fc.constantFrom('agents', 'approvals', 'policies', 'audit', 'tile:1', 'tile:2')
    fc.assert(
      fc.property(
        fc.record({
          columns: fc.integer({ min: 20, max: 300 }),
          rows: fc.integer({ min: 8, max: 120 }),
          at: focus,
          zoomed: fc.boolean(),
          open: fc.integer({ min: 0, max: 5 }),
        }),
        ({ columns, rows, at, zoomed, open }) => {
          const tiles = Array.from({ length: open }, (_, i) => `tile:${i + 1}`)
          const focus = tiles.includes(at) || !at.startsWith('tile') ? at : 'agents'
          const { panes } = layout({
            columns,
            rows,
            focus,
            zoomed,
            tiles: tiles.map((id) => ({ id })),
          })
          const cells = new Set<number>()
          let total = 0
          for (const { rect } of panes) {
            expect([
              rect.y >= 1,
              rect.y + rect.height <= rows - 1,
              rect.x + rect.width <= columns,
            ]).toEqual([true, true, true])
            total += rect.width * rect.height
            for (let y = rect.y; y < rect.y + rect.height; y++)
              for (let x = rect.x; x < rect.x + rect.width; x++) cells.add(y * 1000 + x)
          }
          expect(cells.size).toBe(total)
        },
      ),
      { numRuns: 60 },
    )
  })
  test('a small screen stacks the panes and gives the focused one the most room', () => {
    const { kind, panes } = layout({
      columns: 80,
      rows: 24,
      focus: 'approvals',
      zoomed: false,
      tiles: [],
    })
    expect(kind).toBe('stack')
    expect(panes.map((p) => p.rect.height)).toEqual([4, 10, 4, 4])
  })
})

describe('the window of a list', () => {
  test('always contains the row, and moves only at its edges', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.nat(199), { maxLength: 20 }),
        (total, height, moves) => {
          const view = {}
          for (const move of moves) {
            const at = Math.min(move, total - 1)
            const from = windowFrom(view, at, total, height)
            expect(at).toBeGreaterThanOrEqual(from)
            expect(at).toBeLessThan(from + height)
            expect(from + Math.min(height, total)).toBeLessThanOrEqual(total)
            expect(windowFrom(view, at, total, height)).toBe(from)
          }
        },
      ),
    )
  })
})

describe('updating a painted line', () => {
  const red = (t: string): string => `\u001b[31m${t}\u001b[39m`
  test('starts at the first piece that differs', () => {
    expect(updateLine(`${red('漢 ')}${red('old')}`, `${red('漢 ')}${red('new')}`, 5, 2)).toBe(
      `\u001b[2;8H${red('new')}`,
    )
  })
  test('an equal line writes nothing', () => {
    expect(updateLine(red('a'), red('a'), 1, 1)).toBe('')
  })
  test('inside nested styles the whole piece is written', () => {
    const line = (t: string): string => `\u001b[1m\u001b[31m${t}\u001b[39m\u001b[22m`
    expect(updateLine(line('ab'), line('ac'), 1, 1)).toBe(`\u001b[1;1H${line('ac')}`)
  })
})
