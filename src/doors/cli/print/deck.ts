import { CLOCK_TOLERANCE_MS } from '../../../base/clock.ts'
import { ago, bytes, plain, span } from '../../../base/text.ts'
import type { SupervisorStatus } from '../../../commands/deck.ts'
import { facts, type Cell } from '../terminal.ts'
import { type Page, type Printers } from './page.ts'

/** The supervisor and its deck, in a few lines. */
export function supervisorText(status: SupervisorStatus, { paint, now }: Page): string {
  const { backend } = status
  const process = [
    `process ${status.pid}`,
    `version ${status.version}`,
    `started ${ago(status.startedAt, now)}`,
    bytes(status.memoryBytes),
  ]
  return facts(paint, [
    ['deck', status.home],
    ['supervisor', process.join(', ')],
    ['agents', `${status.agents}, ${status.up} up`],
    ['waiting', status.waiting === 0 ? '0' : { text: String(status.waiting), tone: 'careful' }],
    ['shells', String(status.shells)],
    ['backend', backendCell(backend)],
    ...backend.problems.map(
      ({ what, fix }) => ['problem', { text: `${what}. ${fix}`, tone: 'careful' }] as const,
    ),
    ...clockCells(status),
    ['journal', `${status.events} events, head ${status.head.slice(0, 16)}`],
    ...journalCells(status),
    ['key', status.keyId],
  ])
}

function clockCells({ clockBehindMs }: SupervisorStatus): [string, Cell][] {
  if (!(clockBehindMs > CLOCK_TOLERANCE_MS)) return []
  const text = `${span(clockBehindMs)} behind the journal. Expiry goes by the journal until it has caught up`
  return [['clock', { text, tone: 'careful' }]]
}

function journalCells({ journalProblem }: SupervisorStatus): [string, Cell][] {
  return journalProblem ? [['', { text: plain(journalProblem), tone: 'bad' }]] : []
}

function backendCell({ title, isolation, ready }: SupervisorStatus['backend']): Cell {
  if (isolation === 'none') return { text: title, tone: 'careful' }
  return { text: title, tone: ready ? 'good' : 'bad' }
}

export const deckPrinters = {
  deck: supervisorText,
} satisfies Partial<Printers>
