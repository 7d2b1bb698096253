import type { DeskSignal } from '../../../domain/governance/signals/types.ts'
import { listing, type ListCell, type OpenedRow } from '../../listing.ts'

/** How a severity is shown, so that nothing is said by colour alone. */
export const SIGNAL_LOOKS = {
  red: { tone: 'bad', text: '✕ red' },
  amber: { tone: 'warn', text: '! amber' },
} as const

function severityCell({ severity }: DeskSignal): ListCell {
  const { tone, text } = SIGNAL_LOOKS[severity]
  return [tone, text]
}

/** Where one can do something about it: the approval that waits, the action, or the agent. */
function nextOf({ approval, action_id: action, org, agent }: DeskSignal): OpenedRow | undefined {
  if (approval !== '') return { noun: 'approval', id: approval }
  if (action !== undefined) return { face: 'ledger.show', input: { id: action, org } }
  return agent === '' ? undefined : { face: 'ledger.work', input: { agent } }
}

/** What people should look at, red ones first, each with what to do next. */
export const signalList = listing<DeskSignal>({
  title: 'Signals',
  about: 'signal',
  paged: false,
  columns: [
    { title: 'SIGNAL', width: 7, cell: severityCell },
    { title: 'AGENT', width: 16, cell: ({ agent }) => ['strong', agent] },
    { title: 'WHAT', cell: ({ label }) => label },
    { title: 'DETAIL', width: 56, from: 150, cell: ({ detail }) => ['dim', detail] },
  ],
  none: ['✓ No signals', 'Nothing that agents of the governance API do needs a look'],
  opens: nextOf,
  card: ({ label, detail, help }) => [
    ['strong', label],
    ['text', detail],
    ['info', `→ ${help}`],
  ],
})
