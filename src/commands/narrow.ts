import type { MirroredNoun } from '../journal/types.ts'
import type { Sees } from './act.ts'
import type { Watch } from './deck.ts'
import type { RowChange, World, WorldFrame } from './wire.ts'

/** What is mirrored of a deck for somebody who may see some of its agents only. */
export function narrowWatch(watch: Watch, sees: Sees): Watch {
  // A row that is gone does not say whose it was: it is told to those who saw it.
  const shown = new Set<string>()
  const seesRow = (noun: MirroredNoun, id: string, row: object | null): boolean => {
    const name = `${noun} ${id}`
    if (row === null) return shown.delete(name)
    const agent = watch.agentOf(noun, row)
    if (agent === undefined || !sees(agent)) return false
    shown.add(name)
    return true
  }
  const world = (whole: World): World => ({
    ...whole,
    rows: Object.fromEntries(
      Object.entries(whole.rows).map(([noun, rows]) => [
        noun,
        rows.filter(([id, row]) => seesRow(noun as MirroredNoun, id, row)),
      ]),
    ),
    events: whole.events.filter(({ subject }) => sees(subject)),
    usage: usageOf(whole.usage, sees),
  })
  const frame = (told: WorldFrame): WorldFrame => {
    if (told.kind === 'world') return { ...told, world: world(told.world) }
    if (told.kind === 'delta')
      return {
        ...told,
        events: told.events.filter(({ subject }) => sees(subject)),
        rows: told.rows.filter(({ noun, id, row }: RowChange) => seesRow(noun, id, row)),
      }
    if (told.kind === 'pulse' && told.usage !== undefined)
      return { ...told, usage: usageOf(told.usage, sees) }
    return told
  }
  return {
    agentOf: (noun, row) => watch.agentOf(noun, row),
    snapshot: () => world(watch.snapshot()),
    follow: (take) =>
      watch.follow((line) => take(`${JSON.stringify(frame(JSON.parse(line) as WorldFrame))}\n`)),
  }
}

function usageOf(usage: World['usage'], sees: Sees): World['usage'] {
  return Object.fromEntries(Object.entries(usage).filter(([agent]) => sees(agent)))
}
