import { describe, expect, test } from 'vitest'
import { makeStore, setWorld } from '../../../src/doors/console/store/store.ts'
import { applyFrames, emptyWorld } from '../../../src/doors/console/store/world.ts'
import { loadTheme } from '../../../src/doors/console/theme/load.ts'
import { makePainter } from '../../../src/doors/console/theme/theme.ts'
import { tableView } from '../../../src/doors/console/views/table-view.ts'
import { findFace } from '../../../src/commands/registry.ts'
import type { Presence } from '../../../src/domain/operators/types.ts'

const NOW = 10 * 60_000
const painter = makePainter(loadTheme('dark', ''), 'none')

/** The lines of the operators view in a room of so many cells. */
function operators(width: number, here: Partial<Presence>[]): string[] {
  const store = makeStore({ columns: width, rows: 24, now: NOW, painter, demo: false })
  const row = { id: 'maya', role: 'owner', agents: null, kind: 'person', local: true, here }
  const rows = [{ noun: 'operator' as const, id: 'maya', row: { ...row, addedBy: 'supervisor' } }]
  const frame = { kind: 'delta' as const, seq: 1, events: [], rows }
  setWorld(store, applyFrames(emptyWorld(), [frame as never], NOW), NOW)
  const table = findFace('operator.list')?.table
  if (table === undefined) throw new Error('the operators have no table')
  const layer = { kind: 'table', table, cursor: null } as const
  return tableView(store.getState(), layer, { width, height: 10, painter }).lines
}

const consoles = [9, 3, 4].map((minutes) => ({ door: 'console', since: NOW - minutes * 60_000 }))
const page = { door: 'web', since: NOW - 120_000 }

describe('the table of a noun', () => {
  test('consoles of one person are told together', () => {
    expect(operators(120, [...consoles, page])[1]).toMatch(/ console ×3 for 9:00, web for 2:00 {2}/)
    expect(operators(120, [page])[1]).toContain(' web for 2:00 ')
    expect(operators(120, [])[1]).toContain(' – ')
  })

  test('cells are cut only where not all of a line fits, and never run into the next', () => {
    const doors = ['console', 'web', 'telegram'].map((door) => ({ door, since: NOW - 540_000 }))
    const whole = 'console for 9:00, web for 9:00, telegram for 9:00'
    expect(operators(120, doors)[1]).toContain(`${whole}  supervisor`)
    const [, short = ''] = operators(78, doors)
    expect(short).toMatch(/ console for 9:00, w.*… {2}supervisor$/)
  })
})
