import type { ApiServices } from '../../commands/api/services.ts'
import { Presences } from '../../domain/governance/agents/presence.ts'
import { SignalReader } from '../../domain/governance/signals/reader.ts'
import { SignalWatch } from '../../domain/governance/signals/watch.ts'
import type { ComposedDeck } from './deck.ts'

/** Who is there, and what people should look at. */
export function composeSignals(
  { journal, store }: ComposedDeck['record'],
  context: Pick<ApiServices, 'actions' | 'records' | 'orgs' | 'clock'>,
  parts: AsyncDisposableStack,
): Pick<ApiServices, 'presences' | 'signals' | 'signalWatch'> {
  const presences = new Presences({ journal, store, clock: context.clock })
  const signals = new SignalReader({ ...context, presences })
  const signalWatch = parts.use(new SignalWatch({ ...context, signals, presences }))
  return { presences, signals, signalWatch }
}
