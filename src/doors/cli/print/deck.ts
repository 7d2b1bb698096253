import { ago } from '../../../base/text.ts'
import type { SupervisorStatus } from '../../../commands/deck.ts'
import { facts } from '../terminal.ts'
import { bytes, type Page, type Printers } from './page.ts'

/** The supervisor and its deck in a few lines. */
export function supervisorText(status: SupervisorStatus, { paint, now }: Page): string {
  const { backend } = status
  return facts(paint, [
    ['deck', status.home],
    [
      'supervisor',
      `process ${status.pid}, version ${status.version}, started ${ago(status.startedAt, now)}, ${bytes(status.memoryBytes)}`,
    ],
    ['agents', `${status.agents}, ${status.up} up`],
    ['waiting', status.waiting === 0 ? '0' : { text: String(status.waiting), tone: 'careful' }],
    ['shells', String(status.shells)],
    [
      'pods on',
      backend.isolation === 'none'
        ? { text: backend.title, tone: 'careful' }
        : { text: backend.title, tone: backend.ready ? 'good' : 'bad' },
    ],
    ...backend.problems.map(
      ({ what, fix }) => ['problem', { text: `${what}. ${fix}`, tone: 'careful' }] as const,
    ),
    ['journal', `${status.events} events, head ${status.head.slice(0, 16)}`],
    ['key', status.keyId],
  ])
}

export const deckPrinters = {
  deck: supervisorText,
} satisfies Partial<Printers>
