import { body, noun, type BodiesOf } from '../../journal/noun.ts'
import type { Rows } from '../../journal/tables/rows.ts'
import type { Operator, OperatorRow, Rights } from './types.ts'

const events = {
  'operator.added': body<
    Rights & Pick<Operator, 'id' | 'kind' | 'local'> & { keyHash: string | null }
  >(),
  'operator.rights_changed': body<Rights & { id: string }>(),
  'operator.removed': body<{ id: string }>(),
  'operator.came': body<{ id: string; door: string }>(),
  'operator.left': body<{ id: string; door: string }>(),
}

declare module '../../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof events> {}
  interface MirroredRows {
    operator: OperatorRow
  }
}

function change(rows: Rows, id: string, to: (operator: Operator) => Partial<Operator>): void {
  const operator = rows.get<Operator>('operator', id)
  if (operator !== undefined) rows.put('operator', id, { ...operator, ...to(operator) })
}

/** Who may work with the deck, and with which rights. */
export const operatorNoun = noun({
  name: 'operator',
  columns: { state: { path: 'state', type: 'TEXT' } },
  events,
  folds: {
    'operator.added': ({ at, actor, body: added }, rows) =>
      rows.put('operator', added.id, {
        ...added,
        addedAt: at,
        addedBy: actor,
        state: 'active',
      } satisfies Operator),
    'operator.rights_changed': ({ body: { id, role, agents } }, rows) =>
      change(rows, id, () => ({ role, agents })),
    'operator.removed': ({ body: { id } }, rows) => change(rows, id, () => ({ state: 'removed' })),
  },
  grants: (here, expected) => powerOf(here) > powerOf(expected),
})

const POWER = { owner: 3, operator: 2, viewer: 1 }

function powerOf(row: object | undefined): number {
  const { state, role } = (row ?? {}) as Partial<Operator>
  return state === 'active' && role !== undefined ? POWER[role] : 0
}
