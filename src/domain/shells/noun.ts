import { body, noun, type BodiesOf } from '../../journal/noun.ts'
import type { Rows } from '../../journal/tables/rows.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { Shell } from './types.ts'

interface Opened {
  id: string
  title: string
  argv: string[]
  columns: number
  rows: number
  handle: string
}

interface Ended {
  id: string
  exitCode: number | null
  note: string
  bytes: number
  sha256: string
}

const events = {
  'shell.opened': body<Opened>(),
  'shell.ended': body<Ended>(),
  // Their names in journals of version 0.1.
  'session.opened': body<Opened>(),
  'session.ended': body<Ended>(),
}

declare module '../../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof events> {}
  interface MirroredRows {
    shell: Shell
  }
}

function opened(event: DeckEvent<'shell.opened' | 'session.opened'>, rows: Rows): void {
  const shell: Shell = {
    ...event.body,
    agent: event.subject,
    state: 'open',
    openedAt: event.at,
    openedBy: event.actor,
    endedAt: null,
    exitCode: null,
    note: '',
  }
  rows.put('shell', shell.id, shell)
}

function ended(event: DeckEvent<'shell.ended' | 'session.ended'>, rows: Rows): void {
  const { id, exitCode, note } = event.body
  const shell = rows.get<Shell>('shell', id)
  if (shell !== undefined)
    rows.put('shell', id, { ...shell, state: 'ended', endedAt: event.at, exitCode, note })
}

/** One PTY in a pod that the supervisor holds for operators. */
export const shellNoun = noun({
  name: 'shell',
  columns: { state: { path: 'state', type: 'TEXT' } },
  indexes: [['state']],
  events,
  folds: {
    'shell.opened': opened,
    'session.opened': opened,
    'shell.ended': ended,
    'session.ended': ended,
  },
  mirror: ["WHERE state = 'open'"],
  agentOf: ({ agent }: Shell) => agent,
})
