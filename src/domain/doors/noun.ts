import { body, noun, type BodiesOf } from '../../journal/noun.ts'
import type { DoorPlace, DoorState, RefusingDoor, SwitchedDoor } from './types.ts'

const events = {
  'door.opened': body<DoorPlace & { id: SwitchedDoor }>(),
  'door.closed': body<{ id: SwitchedDoor }>(),
  /** Requests of nobody who is known; many of one kind are counted and told together. */
  'door.refused': body<{ id: RefusingDoor; why: string; times: number }>(),
}

declare module '../../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof events> {}
}

/** The doors that were opened, and closed again. */
export const doorNoun = noun({
  name: 'door',
  events,
  folds: {
    'door.opened': ({ at, actor, body: { id, host, port } }, rows) =>
      rows.put('door', id, {
        id,
        host,
        port,
        state: 'open',
        changedAt: at,
        changedBy: actor,
      } satisfies DoorState),
    'door.closed': ({ at, actor, body: { id } }, rows) => {
      const door = rows.get<DoorState>('door', id)
      if (door !== undefined)
        rows.put('door', id, { ...door, state: 'closed', changedAt: at, changedBy: actor })
    },
  },
  grants: (here, expected) => isOpen(here) && JSON.stringify(here) !== JSON.stringify(expected),
})

function isOpen(row: object | undefined): boolean {
  return (row as Partial<DoorState> | undefined)?.state === 'open'
}
