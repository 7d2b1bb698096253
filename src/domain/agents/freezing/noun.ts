import { body, noun, type BodiesOf } from '../../../journal/noun.ts'
import type { Rows } from '../../../journal/tables/rows.ts'
import type { DeckEvent } from '../../../journal/types.ts'
import { FLEET, type Absence, type AbsenceResponse, type Freeze } from './types.ts'

const freezeEvents = {
  /** From now on nothing is answered. `since`: when it was frozen, if that was earlier. */
  'agent.frozen': body<{ why: string; withFleet: boolean; since?: number }>(),
  /** Nothing of it runs any more. */
  'agent.paused': body<{ ms: number }>(),
  'agent.pause_failed': body<{ why: string }>(),
  'agent.thawed': body<{ frozenMs: number }>(),
  'agent.resumed': body<{ ms: number }>(),
  'agent.resume_failed': body<{ why: string }>(),
  'fleet.frozen': body<{ why: string; since?: number }>(),
  'fleet.thawed': body<{ frozenMs: number }>(),
}

const absenceEvents = {
  /** Nobody was seen since; if nobody is until then, something is done. `to`: who is told. */
  'absence.warned': body<{
    since: number
    until: number
    response: AbsenceResponse
    to: readonly string[]
  }>(),
  'absence.reached': body<{ since: number; response: AbsenceResponse }>(),
  /** Somebody was seen. */
  'absence.ended': body<{ since: number }>(),
}

declare module '../../../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof freezeEvents>, BodiesOf<typeof absenceEvents> {}
  interface MirroredRows {
    freeze: Freeze
    absence: Absence
  }
}

function frozen(
  { subject, at, actor, body: { why, since = at, ...rest } }: DeckEvent<'agent.frozen'>,
  rows: Rows,
): void {
  const row: Freeze = { id: subject, at: since, by: actor, why, ...rest, thawed: [] }
  rows.put('freeze', subject, row)
}

function thawed({ subject }: DeckEvent<'agent.thawed'>, rows: Rows): void {
  rows.drop('freeze', subject)
  const fleet = rows.get<Freeze>('freeze', FLEET)
  if (fleet !== undefined)
    rows.put('freeze', FLEET, { ...fleet, thawed: [...fleet.thawed, subject] })
}

/** What is frozen: agents by their names, and the fleet. */
export const freezeNoun = noun({
  name: 'freeze',
  events: freezeEvents,
  folds: {
    'agent.frozen': frozen,
    'agent.thawed': thawed,
    'agent.deleted': ({ subject }, rows) => rows.drop('freeze', subject),
    'fleet.frozen': ({ at, actor, body: { why, since = at } }, rows) =>
      rows.put('freeze', FLEET, {
        id: FLEET,
        at: since,
        by: actor,
        why,
        withFleet: true,
        thawed: [],
      } satisfies Freeze),
    'fleet.thawed': (_event, rows) => rows.drop('freeze', FLEET),
  },
  // Whoever takes the row away lets agents ask that are frozen.
  grants: (here, expected) => here === undefined && expected !== undefined,
  mirror: [''],
})

/** Whether no operator was seen for too long. */
export const absenceNoun = noun({
  name: 'absence',
  events: absenceEvents,
  folds: {
    'absence.warned': ({ body: { since, until, response } }, rows) =>
      rows.put('absence', 'operators', {
        id: 'operators',
        since,
        response,
        until,
        state: 'warned',
      } satisfies Absence),
    'absence.reached': ({ at, body: { since, response } }, rows) =>
      rows.put('absence', 'operators', {
        id: 'operators',
        since,
        response,
        until: at,
        state: 'reached',
      } satisfies Absence),
    'absence.ended': (_event, rows) => rows.drop('absence', 'operators'),
  },
  grants: (here, expected) => here === undefined && expected !== undefined,
  mirror: [''],
})
