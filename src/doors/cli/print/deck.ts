import { ago, bytes } from '../../../base/text.ts'
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
    ['journal', `${status.events} events, head ${status.head.slice(0, 16)}`],
    ['key', status.keyId],
  ])
}

function backendCell({ title, isolation, ready }: SupervisorStatus['backend']): Cell {
  if (isolation === 'none') return { text: title, tone: 'careful' }
  return { text: title, tone: ready ? 'good' : 'bad' }
}

export const deckPrinters = {
  deck: supervisorText,
} satisfies Partial<Printers>
