import { plain } from '../../../base/text.ts'
import type { ConsoleState } from '../store/store.ts'
import type { PaneName } from '../store/ui.ts'
import type { Role } from '../theme/theme.ts'
import type { Canvas } from './frame.ts'
import { tableOf } from '../store/world.ts'

type Lines = readonly (readonly [Role, string])[]

/** What a pane says when it has no rows: why, and the next step. */
export function emptyLines(state: ConsoleState, pane: PaneName, room: Canvas): Lines {
  const { world, ui } = state
  if (ui.filter[pane] !== '')
    return [
      ['dim', `nothing here holds “${plain(ui.filter[pane], 40)}”`],
      ['faint', '/ then Esc shows all again'],
    ]
  if (world.deck === null)
    return world.line.state === 'lost'
      ? [
          ['warn', 'no line to the supervisor'],
          ['faint', 'shown again as soon as it answers'],
        ]
      : [['dim', 'reading the deck…']]
  if (world.line.state === 'lost' && pane === 'approvals')
    return [
      ['warn', 'nobody knows what waits'],
      ['faint', 'shown again as soon as the supervisor answers'],
    ]
  const lines = EMPTY[pane](state)
  return room.height < lines.length ? lines.slice(0, Math.max(1, room.height)) : lines
}

const EMPTY: Record<PaneName, (state: ConsoleState) => Lines> = {
  agents: ({ world }) => {
    const broken = world.deck?.backend.ready === false
    const steps: Lines = broken
      ? [
          ['bad', `✕ ${plain(world.deck?.backend.title ?? 'no backend', 60)}`],
          ...(world.deck?.backend.problems
            .slice(0, 2)
            .map((p): [Role, string] => ['dim', plain(`${p.what}: ${p.fix}`)]) ?? []),
          ['faint', 'clawdeck doctor checks everything'],
        ]
      : [
          ['strong', 'Welcome to the deck'],
          ['dim', 'Each agent lives in its own pod and asks before it acts.'],
          ['text', ''],
          ['key', 'c  create your first agent'],
          ['dim', ':demo  look around a living fleet first'],
          ['dim', '?  every key that works here'],
        ]
    return steps
  },
  approvals: ({ world }) =>
    tableOf(world, 'agent').size === 0
      ? [['dim', 'What agents want to do waits here for your yes.']]
      : [
          ['good', '✓ nothing waits for you'],
          ['faint', 'new questions ring the bell'],
        ],
  policies: () => [
    ['dim', 'No policies yet: every question comes to you.'],
    ['dim', 'What you decide teaches rules: they appear here.'],
    ['dim', 'P writes a policy · Y on an approval makes a rule of your yes'],
  ],
  audit: () => [['dim', 'No events yet. Everything that happens is written down here.']],
}
