import { count, plain } from '../../../base/text.ts'
import type { Agent } from '../../../domain/agents/types.ts'
import type { BackendReport } from '../../../ports/pods.ts'
import type { ConsoleState } from '../store/store.ts'
import type { Piece } from '../theme/theme.ts'
import { fit, width } from '../text/width.ts'
import { tableOf } from '../store/world.ts'

const SPACED = new Intl.NumberFormat('en', { useGrouping: true })

/** `18402` as `18 402`. */
export function grouped(n: number): string {
  return SPACED.format(n).replaceAll(',', ' ')
}

/** The first line: the fleet in numbers, what waits, what runs it, and whether the journal holds. */
export function headerLine(state: ConsoleState): string {
  const { ui, world } = state
  const { painter, columns } = ui
  const left: Piece[] = [
    ['brand', ' clawdeck'],
    ['dim', ui.demo || world.deck?.demo === true ? '  demo fleet' : '  fleet'],
  ]
  const groups = facts(state)
  let right: Piece[] = groups.flat()
  const room = columns - left.reduce((n, [, t]) => n + width(t), 0)
  while (groups.length > 1 && right.reduce((n, [, t]) => n + width(t), 0) >= room) {
    groups.splice(DROPS[groups.length] ?? 0, 1)
    right = groups.flat()
  }
  const used = right.reduce((n, [, t]) => n + width(t), 0)
  return painter.row(columns, [...left, ['text', fit('', Math.max(1, room - used))], ...right])
}

/** Which group goes first when the line is too short, by how many there are: the backend, the journal, the fleet. */
const DROPS: Record<number, number> = { 4: 2, 3: 2, 2: 0 }

function facts({ world }: ConsoleState): Piece[][] {
  if (world.deck === null)
    return [[['dim', world.line.state === 'live' ? 'reading the deck ' : 'no supervisor ']]]
  const { verified, events } = world.deck
  const waits: Piece[] =
    world.waiting.length === 0
      ? [['dim', '⧗ 0   ']]
      : [
          ['badge', ` ⧗ ${world.waiting.length} `],
          ['text', '   '],
        ]
  const proof: Piece =
    verified === false ? ['alert', ' ✕ BROKEN '] : verified === true ? ['good', '✓'] : ['dim', '·']
  return [
    fleetPieces(tableOf(world, 'agent').values(), tableOf(world, 'agent').size),
    waits,
    enginePieces(world.deck.backend),
    [['dim', 'journal '], proof, ['text', ` ${grouped(Math.max(events, world.seq))} `]],
  ]
}

function fleetPieces(agents: Iterable<Agent>, size: number): Piece[] {
  let up = 0
  let drifted = 0
  for (const agent of agents) {
    if (agent.phase === 'up') up++
    else if (agent.phase === 'drifted') drifted++
  }
  return [
    ['text', count(size, 'agent')],
    ['dim', ' · '],
    ['good', `${up} up`],
    ...(drifted === 0 ? [] : [['dim', ' · '] as Piece, ['bad', `${drifted} drifted`] as Piece]),
    ['text', '   '],
  ]
}

function enginePieces(backend: BackendReport): Piece[] {
  const open = backend.isolation === 'none' && !/not isolated/.test(backend.title)
  return [
    backend.ready ? ['dim', plain(backend.title, 40)] : ['bad', `✕ ${plain(backend.title, 40)}`],
    ['warn', open ? ' ⚠ not isolated' : ''],
    ['text', '   '],
  ]
}
