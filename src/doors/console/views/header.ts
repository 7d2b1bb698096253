import { count, plain } from '../../../base/text.ts'
import type { DeckFacts } from '../../../commands/wire.ts'
import type { Agent } from '../../../domain/agents/types.ts'
import type { BackendReport } from '../../../ports/pods.ts'
import type { ConsoleState } from '../store/state.ts'
import type { Me } from '../store/ui.ts'
import { tableOf } from '../store/world.ts'
import type { StyledText } from '../theme/theme.ts'
import { cellsIn } from './frame.ts'

/** `18402` as `18 402`. For whole numbers; without `Intl`, which takes 10 ms to load. */
export function spacedNumber(n: number): string {
  return String(n).replace(/\B(?=(?:\d{3})+$)/g, ' ')
}

/**
 * The first line: the fleet in numbers, what waits, what runs it, and whether the journal is
 * intact.
 */
export function headerLine(state: ConsoleState): string {
  const { ui, world } = state
  const { painter, columns } = ui
  const left: StyledText[] = [
    ['brand', ' clawdeck'],
    ...(mePieces(ui.me) ?? [
      ['dim', ui.demo || world.deck?.demo === true ? '  demo fleet' : '  fleet'],
    ]),
  ]
  const room = columns - cellsIn(left)
  const groups = groupsOf(state)
  while (groups.length > 1 && cellsIn(groups.flat()) >= room)
    groups.splice(DROPPED[groups.length] ?? 0, 1)
  const right = groups.flat()
  const gap = ' '.repeat(Math.max(1, room - cellsIn(right)))
  return painter.row(columns, [...left, ['text', gap], ...right])
}

/** Who is at this console and with which rights, unless it is who runs the deck. */
function mePieces(me: Me | null): StyledText[] | undefined {
  if (me === null || me.local) return undefined
  const some = me.agents === null ? '' : ` · ${count(me.agents.length, 'agent')}`
  return [
    ['agent', `  ${plain(me.operator, 20)}`],
    ['dim', ` · ${me.role}${some}`],
  ]
}

/**
 * The index of the group that is dropped first if the line is too long, by the number of groups:
 * the backend, then the journal, then the fleet.
 */
const DROPPED: Record<number, number> = { 4: 2, 3: 2, 2: 0 }

function groupsOf({ world }: ConsoleState): StyledText[][] {
  if (world.deck === null)
    return [[['dim', world.connection.state === 'live' ? 'loading the deck ' : 'no supervisor ']]]
  const { events, backend, journalProblem } = world.deck
  const fleet = fleetPieces(tableOf(world, 'agent'), tableOf(world, 'api_agent').size)
  const waiting = waitingPieces(world.waiting.length)
  const engine = backendPieces(backend)
  const journal: StyledText[] = [
    ['dim', 'journal '],
    verdictPiece(world.deck),
    ['text', ` ${spacedNumber(Math.max(events, world.seq))} `],
  ]
  // What changes how everything is decided is not dropped for what is only good to know.
  return journalProblem ? [journal, waiting, engine, fleet] : [fleet, waiting, engine, journal]
}

/** While the journal is known to be broken, policies and leases allow nothing. */
function verdictPiece({ verified, journalProblem }: DeckFacts): StyledText {
  if (journalProblem) return ['alert', ' ✕ BROKEN: everything asks ']
  if (verified === null) return ['dim', '·']
  return verified ? ['good', '✓'] : ['alert', ' ✕ BROKEN ']
}

function waitingPieces(waiting: number): StyledText[] {
  if (waiting === 0) return [['dim', '⧗ 0   ']]
  return [
    ['badge', ` ⧗ ${waiting} `],
    ['text', '   '],
  ]
}

function fleetPieces(agents: ReadonlyMap<string, Agent>, others: number): StyledText[] {
  let up = 0
  let drifted = 0
  for (const agent of agents.values()) {
    if (agent.phase === 'up') up++
    else if (agent.phase === 'drifted') drifted++
  }
  return [
    ['text', count(agents.size, 'agent')],
    ['dim', ' · '],
    ['good', `${up} up`],
    ['dim', drifted === 0 ? '' : ' · '],
    ['bad', drifted === 0 ? '' : `${drifted} drifted`],
    ['dim', others === 0 ? '' : ` · ${others} by API`],
    ['text', '   '],
  ]
}

function backendPieces(backend: BackendReport): StyledText[] {
  const title = plain(backend.title, 40)
  const warns = backend.isolation === 'none' && !/not isolated/.test(backend.title)
  return [
    backend.ready ? ['dim', title] : ['bad', `✕ ${title}`],
    ['warn', warns ? ' ⚠ not isolated' : ''],
    ['text', '   '],
  ]
}
