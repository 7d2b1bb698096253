import { plain } from '../../../base/text.ts'
import type { ConsoleState } from '../store/state.ts'
import type { PaneName } from '../store/ui.ts'
import type { StyledText } from '../theme/theme.ts'
import type { Canvas } from './frame.ts'

type Lines = readonly StyledText[]

/** What a pane without rows says: why, and the next step. */
export function emptyLines(state: ConsoleState, pane: PaneName, room: Canvas): Lines {
  const { world, ui } = state
  if (ui.filter[pane] !== '')
    return [
      ['dim', `No match for “${plain(ui.filter[pane], 40)}”`],
      ['faint', 'Esc shows all rows'],
    ]
  const isLost = world.connection.state === 'lost'
  if (world.deck === null) return isLost ? DISCONNECTED : [['dim', 'Loading the deck…']]
  if (isLost && pane === 'approvals') return DISCONNECTED
  const lines = EMPTY[pane](state)
  return room.height < lines.length ? lines.slice(0, Math.max(1, room.height)) : lines
}

const DISCONNECTED: Lines = [
  ['warn', 'Not connected to the supervisor'],
  ['faint', 'Updates resume when it answers'],
]

const EMPTY: Record<PaneName, (state: ConsoleState) => Lines> = {
  agents: ({ world }) =>
    world.deck?.backend.ready === false
      ? [
          ['bad', `✕ ${plain(world.deck.backend.title, 60)}`],
          ...world.deck.backend.problems
            .slice(0, 2)
            .map(({ what, fix }): StyledText => ['dim', plain(`${what}: ${fix}`)]),
          ['faint', 'clawdeck doctor checks everything'],
        ]
      : [
          ['strong', 'Welcome to clawdeck'],
          ['dim', 'Each agent lives in its own pod and asks before it acts.'],
          ['text', ''],
          ['key', 'c  create your first agent'],
          ['dim', ':demo  try a demo fleet first'],
          ['dim', '?  show all keys'],
        ],
  approvals: ({ world }) =>
    world.agentOrder.length === 0
      ? [['dim', 'What agents want to do waits here for your approval.']]
      : [
          ['good', '✓ Nothing waits for you'],
          ['faint', 'The bell rings when an agent asks'],
        ],
  policies: () => [
    ['dim', 'No policies yet: you are asked each time.'],
    ['dim', 'Your decisions teach rules, which appear here.'],
    ['dim', 'P adds a policy · Y on an approval makes a rule'],
  ],
  audit: () => [['dim', 'No events yet. Everything that happens is recorded here.']],
}
