import { policyPageLines } from '../../text/api-policy.ts'
import { traceLines, workLines, type ToldLine } from '../../text/ledger.ts'
import type { Page, Printers } from './page.ts'

const TONES = { good: 'good', warn: 'careful', bad: 'bad', dim: 'dim' } as const

function printed(lines: readonly ToldLine[], { paint }: Page): string {
  const texts = lines.map(({ tone, text }) =>
    tone in TONES ? paint(TONES[tone as keyof typeof TONES], text) : text,
  )
  return `${texts.join('\n')}\n`
}

/** Actions of agents anywhere, what an agent works on, and policies of the API. */
export const ledgerPrinters: Pick<Printers, 'action-trace' | 'agent-work' | 'api-policy'> = {
  'action-trace': (answer, page) => printed(traceLines(answer), page),
  'api-policy': (answer, page) => printed(policyPageLines(answer, page.now), page),
  'agent-work': (answer, page) => printed(workLines(answer, page.now), page),
}
