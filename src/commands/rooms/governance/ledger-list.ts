import { listing, type CellTone, type ListCell } from '../../listing.ts'
import { momentText } from '../../../base/text.ts'
import type { LedgerLine } from '../../../domain/governance/ledger/types.ts'
import { LEDGER_STATUSES, type LedgerStatus } from '../../../domain/governance/types.ts'

interface StatusLook {
  glyph: string
  word: string
  tone: CellTone
}

/** How a status is shown, so that nothing is said by colour alone. */
export const ACTION_LOOKS: Readonly<Record<LedgerStatus, StatusLook>> = {
  running: { glyph: '●', word: 'running', tone: 'info' },
  completed: { glyph: '✓', word: 'completed', tone: 'good' },
  failed: { glyph: '✗', word: 'failed', tone: 'bad' },
  cancelled: { glyph: '○', word: 'cancelled', tone: 'dim' },
  pending: { glyph: '◔', word: 'pending', tone: 'dim' },
  pending_approval: { glyph: '◐', word: 'asking', tone: 'warn' },
  blocked: { glyph: '✕', word: 'blocked', tone: 'bad' },
}

const HIGH_RISK = 70

function statusCell({ status }: LedgerLine): ListCell {
  const { glyph, word, tone } = ACTION_LOOKS[status]
  return [tone, `${glyph} ${word}`]
}

function riskCell({ risk }: LedgerLine): ListCell {
  if (risk >= HIGH_RISK) return ['bad', String(risk)]
  return [risk >= 40 ? 'warn' : 'dim', String(risk)]
}

/** `$0.0042`, `$12.50`; '' for none. */
export function costText(cost: number | null): string {
  return cost === null ? '' : `$${cost.toFixed(Math.abs(cost) < 0.1 ? 4 : 2)}`
}

/** Actions of agents anywhere, the latest first. */
export const ledgerList = listing<LedgerLine>({
  title: 'Ledger',
  about: 'action',
  paged: true,
  columns: [
    { title: 'BEGAN', width: 8, cell: ({ began }, now) => ['dim', momentText(began, now)] },
    { title: 'AGENT', width: 15, wide: 24, cell: ({ agent }) => ['strong', agent] },
    { title: 'TYPE', width: 10, wide: 16, cell: ({ type }) => type },
    { title: 'WHAT', cell: ({ goal, error }) => (error === '' ? goal : `${goal} · ${error}`) },
    { title: 'RISK', width: 4, right: true, cell: riskCell },
    { title: 'STATUS', width: 11, cell: statusCell },
    { title: 'COST', width: 9, right: true, from: 96, cell: ({ cost }) => costText(cost) },
  ],
  filters: {
    agent: 'an agent, as scout or scout@default',
    type: 'a type of action',
    status: LEDGER_STATUSES.join(', '),
  },
  none: [
    'No actions yet',
    'Agents write them here over the governance API',
    'clawdeck api on opens it',
  ],
  opens: ({ action, org }) => ({ face: 'ledger.show', input: { id: action, org } }),
})
