import * as z from 'zod'
import { act, innerAct } from '../act.ts'
import { face, grouped, screenFace } from '../face.ts'
import { Nothing } from '../inputs.ts'
import type { Room } from '../room.ts'

/** The background process of a deck. */
export const supervisorRoom: Room = {
  nouns: [],
  commands: grouped('The deck', [
    innerAct({ id: 'deck.watch', needs: 'see', audit: 'none', run: (deck) => deck.watch }),
    face(
      act({
        id: 'supervisor.status',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: (deck) => deck.supervisor.status(),
      }),
      {
        title: 'Supervisor status',
        about: 'deck',
        help: 'The background process of this deck.',
        cli: 'supervisor status',
        example: 'clawdeck supervisor status',
        startsNothing: true,
        answer: 'deck',
      },
    ),
    face(
      act({
        id: 'supervisor.stop',
        needs: 'operate',
        audit: 'own',
        input: () => Nothing,
        run: (deck) => deck.supervisor.stop(),
      }),
      {
        title: 'Stop supervisor',
        about: 'deck',
        danger: 'confirm',
        help: 'Stop the background process. Agents keep running, ungoverned: whatever they ask is denied.',
        cli: 'supervisor stop',
        example: 'clawdeck supervisor stop',
        startsNothing: true,
        waitsForEnd: true,
        said: () =>
          'The supervisor has stopped. Agents keep running, ungoverned: whatever they ask is denied.',
      },
    ),
    face(
      act({
        id: 'supervisor.reconcile',
        needs: 'operate',
        audit: 'own',
        input: () => Nothing,
        run: (deck) => deck.supervisor.reconcile(),
      }),
      {
        title: 'Reconcile now',
        about: 'deck',
        help: 'Compare every agent with reality now.',
        cli: 'supervisor reconcile',
        example: 'clawdeck supervisor reconcile',
        said: ({ checked }) => `${checked} checked`,
      },
    ),
    screenFace('supervisor.start', {
      title: 'Start supervisor',
      about: 'deck',
      help: 'Start the background process if it is not there.',
      cli: 'supervisor start',
      example: 'clawdeck supervisor start',
      input: () => Nothing,
      deed: 'start-supervisor',
      here: 'start-supervisor',
    }),
    screenFace('supervisor.logs', {
      title: 'Supervisor logs',
      about: 'deck',
      help: 'What the background process wrote down about itself.',
      cli: 'supervisor logs',
      flags: { tail: { about: 'how many lines (100)', value: 'n' } },
      example: 'clawdeck supervisor logs',
      input: () =>
        z.strictObject({ tail: z.coerce.number().int().min(1).max(100_000).default(100) }),
      here: 'supervisor-logs',
    }),
  ]),
}
