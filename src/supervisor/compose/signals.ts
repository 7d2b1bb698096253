import type { ApiServices } from '../../commands/api/services.ts'
import type { SignalBoard } from '../../domain/governance/signals/board.ts'
import { SignalDesk } from '../../domain/governance/signals/desk.ts'
import { Presences } from '../../domain/governance/agents/presence.ts'
import { SignalReader } from '../../domain/governance/signals/reader.ts'
import { SignalWatch } from '../../domain/governance/signals/watch.ts'
import type { ComposedDeck } from './deck.ts'

/** Who is there, and what people should look at. */
export function composeSignals(
  { journal, store }: ComposedDeck['record'],
  context: Pick<ApiServices, 'actions' | 'records' | 'orgs' | 'clock'> & { board: SignalBoard },
  parts: AsyncDisposableStack,
): Pick<ApiServices, 'presences' | 'signals' | 'signalDesk' | 'signalWatch'> {
  const presences = new Presences({ journal, store, clock: context.clock })
  const signals = new SignalReader({ ...context, presences })
  const signalDesk = new SignalDesk({ ...context, signals })
  const watched = { ...context, journal, presences, signals, desk: signalDesk }
  const signalWatch = parts.use(new SignalWatch(watched))
  return { presences, signals, signalDesk, signalWatch }
}
