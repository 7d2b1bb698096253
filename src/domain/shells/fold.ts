import type { Rows } from '../../journal/rows.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { Session } from './types.ts'

/** The session table: open shells, and those that ended. */
export function foldSessions(event: DeckEvent, rows: Rows): void {
  if (event.type === 'session.opened') {
    const { id, ...rest } = (event as DeckEvent<'session.opened'>).body
    rows.put('session', id, {
      ...rest,
      id,
      agent: event.subject,
      state: 'open',
      openedAt: event.at,
      openedBy: event.actor,
      endedAt: null,
      exitCode: null,
      note: '',
    } satisfies Session)
  }
  if (event.type === 'session.ended') {
    const { id, exitCode, note } = (event as DeckEvent<'session.ended'>).body
    const session = rows.get<Session>('session', id)
    if (session !== undefined)
      rows.put('session', id, { ...session, state: 'ended', endedAt: event.at, exitCode, note })
  }
}
