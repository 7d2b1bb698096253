import { plain } from '../../../base/text.ts'
import type { SignalBoard } from '../../../domain/governance/signals/board.ts'
import { signalNoun } from '../../../domain/governance/signals/noun.ts'
import type { DeskSignal } from '../../../domain/governance/signals/types.ts'
import { act } from '../../act.ts'
import { face, grouped } from '../../face.ts'
import { Nothing } from '../../inputs.ts'
import type { Room } from '../../room.ts'
import { signalList } from './signal-list.ts'

declare module '../../deck.ts' {
  interface RecordServices {
    signalBoard: SignalBoard
  }
}

function signalText(signals: readonly DeskSignal[]): string {
  const lines = signals.flatMap(({ severity, label, detail, help, agent }) => [
    `${severity === 'red' ? '✕ red  ' : '! amber'}  ${plain(label, 100)}${agent === '' ? '' : `  ${plain(agent, 64)}`}`,
    `           ${plain(detail, 200)}`,
    `           → ${plain(help, 200)}`,
  ])
  return lines.join('\n') || 'No signals: nothing needs a look'
}

/** What people should look at. */
export const signalsRoom: Room = {
  nouns: [signalNoun],
  service: async () => ({
    signalBoard: new (await import('../../../domain/governance/signals/board.ts')).SignalBoard(),
  }),
  commands: grouped('Decisions', [
    face(
      act({
        id: 'signal.list',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: async (deck): Promise<DeskSignal[]> => (await deck.governance()).signalDesk.list(),
        narrow: (signals, sees) => signals.filter(({ agent }) => sees(agent)),
      }),
      {
        title: 'Show signals',
        about: 'deck',
        help: 'Conditions of agents of the governance API that somebody should look at, red ones first, each with what to do next.',
        cli: 'signals',
        example: 'clawdeck signals',
        keys: ['I'],
        list: signalList,
        changedBy: ['ledger.', 'approval.', 'record.changed'],
        changedAfter: 10_000,
        said: signalText,
      },
    ),
  ]),
}
