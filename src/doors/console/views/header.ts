import { count, plain, span } from '../../../base/text.ts'
import { findFace } from '../../../commands/registry.ts'
import type { DeckFacts } from '../../../commands/wire.ts'
import { whoFroze } from '../../../domain/agents/freezing/rules.ts'
import { FLEET, type Absence } from '../../../domain/agents/freezing/types.ts'
import type { Agent } from '../../../domain/agents/types.ts'
import type { DeskSignal } from '../../../domain/governance/signals/types.ts'
import type { BackendReport } from '../../../ports/pods.ts'
import { keyLabel } from '../keys/resolve.ts'
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
    ...frozenPieces(state),
  ]
  const room = columns - cellsIn(left)
  const right = fittingParts(partsOf(state), room)
  const gap = ' '.repeat(Math.max(1, room - cellsIn(right)))
  return painter.row(columns, [...left, ['text', gap], ...right])
}

/** As many of the parts as fit, in their order. */
function fittingParts(parts: readonly HeaderPart[], room: number): StyledText[] {
  let shown = [...parts]
  while (shown.length > 1 && cellsIn(shown.flatMap(({ pieces }) => pieces)) >= room) {
    const least = Math.min(...shown.map(({ rank }) => rank))
    shown = shown.filter(({ rank }) => rank !== least)
  }
  return shown.flatMap(({ pieces }) => pieces)
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

/** A part of the line. Where there is no room for all, those of the lowest rank are left out. */
interface HeaderPart {
  rank: number
  pieces: StyledText[]
}

/** What changes everything stands first, and is never dropped. */
function frozenPieces({ world, ui }: ConsoleState): StyledText[] {
  const fleet = tableOf(world, 'freeze').get(FLEET)
  const absence = tableOf(world, 'absence').get('operators')
  const alone = [...tableOf(world, 'agent').values()].filter(({ frozen }) => frozen !== undefined)
  const failing = alone.filter(({ frozen }) => frozen?.problem !== '').length
  const said = (text: string): StyledText[] => [
    ['text', ' '],
    ['alert', ` ${text} `],
  ]
  if (failing > 0) return said(`❄ ${failing} NOT PAUSED`)
  if (fleet !== undefined) return said(`❄ FROZEN by ${whoFroze(fleet)}`)
  if (absence !== undefined) return said(absenceText(absence, ui.now))
  return alone.length === 0 ? [] : said(`❄ ${alone.length} frozen`)
}

function absenceText({ state, response, until }: Absence, now: number): string {
  if (state === 'reached') return 'NO OPERATOR: ALL DENIED'
  const what = response === 'freeze' ? 'freezing' : 'denying'
  return `no operator: ${what} in ${span(Math.max(0, until - now))}`
}

/** What changes how everything is decided is not left out for what is only good to know. */
const RANKS = { engine: 0, journal: 1, fleet: 2, signals: 3, waiting: 4, broken: 5 } as const

function partsOf({ world }: ConsoleState): HeaderPart[] {
  if (world.deck === null) {
    const text = world.connection.state === 'live' ? 'loading the deck ' : 'no supervisor '
    return [{ rank: 0, pieces: [['dim', text]] }]
  }
  const { events, backend, journalProblem } = world.deck
  const fleet = {
    rank: RANKS.fleet,
    pieces: fleetPieces(tableOf(world, 'agent'), tableOf(world, 'api_agent').size),
  }
  const others = [
    { rank: RANKS.waiting, pieces: waitingPieces(world.waiting.length) },
    { rank: RANKS.signals, pieces: signalPieces(tableOf(world, 'signal')) },
    { rank: RANKS.engine, pieces: backendPieces(backend) },
  ].filter(({ pieces }) => pieces.length > 0)
  const journal = {
    rank: journalProblem ? RANKS.broken : RANKS.journal,
    pieces: [
      ['dim', 'journal '],
      verdictPiece(world.deck),
      ['text', ` ${spacedNumber(Math.max(events, world.seq))} `],
    ] satisfies StyledText[],
  }
  return journalProblem ? [journal, ...others, fleet] : [fleet, ...others, journal]
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

/** How many red signals there are, with the key that shows them; nothing if there are none. */
function signalPieces(signals: ReadonlyMap<string, Pick<DeskSignal, 'severity'>>): StyledText[] {
  let red = 0
  for (const { severity } of signals.values()) if (severity === 'red') red++
  if (red === 0) return []
  return [
    ['alert', ` ✕ ${red} red `],
    ['key', ` ${keyLabel(findFace('signal.list')?.keys?.[0] ?? '')}`],
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
