import { plain } from '../../../base/text.ts'
import type { Delivery, DeliveryState } from '../../../domain/webhooks/types.ts'
import { table, type Tone } from '../terminal.ts'
import { timeOf } from './events.ts'
import type { Page, Printers } from './page.ts'

const TONES: Record<DeliveryState, Tone> = { waiting: 'careful', delivered: 'good', dead: 'bad' }

function deliveries(all: readonly Delivery[], { paint }: Page): string {
  return table(
    paint,
    ['DELIVERY', 'EVENT', 'STATE', 'TRIES', 'AT', 'ANSWER'],
    all.map(({ id, type, state, attempts, at, status, why }) => [
      plain(id, 80),
      plain(type, 40),
      { text: state, tone: TONES[state] },
      String(attempts),
      timeOf(at),
      plain(why === '' ? String(status ?? '–') : why, 80),
    ]),
    'There are no deliveries.',
  )
}

export const webhookPrinters = { deliveries } satisfies Partial<Printers>
