import * as z from 'zod'
import { count } from '../../base/text.ts'
import { act, innerAct } from '../act.ts'
import { face, grouped, screenFace } from '../face.ts'
import { Nothing } from '../inputs.ts'
import { narrowWatch } from '../narrow.ts'
import type { Room } from '../room.ts'

/** Acts on the background process of a deck. */
export const supervisorRoom: Room = {
  nouns: [],
  commands: grouped('Deck', [
    innerAct({
      id: 'deck.watch',
      needs: 'see',
      audit: 'none',
      run: (deck) => deck.watch,
      narrow: narrowWatch,
    }),
    face(
      act({
        id: 'supervisor.status',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        concerns: () => [],
        run: (deck) => deck.supervisor.status(),
      }),
      {
        title: 'Supervisor status',
        about: 'deck',
        help: 'Show the background process of this deck.',
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
        help: 'Stop the background process. Agents keep running, but whatever they ask is denied.',
        cli: 'supervisor stop',
        example: 'clawdeck supervisor stop',
        startsNothing: true,
        waitsForEnd: true,
        said: () =>
          'The supervisor has stopped. Agents keep running, but whatever they ask is denied.',
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
        help: 'Compare every agent with its pod now, and correct differences.',
        cli: 'supervisor reconcile',
        example: 'clawdeck supervisor reconcile',
        said: ({ checked }) => `${count(checked, 'agent')} checked`,
      },
    ),
    screenFace('supervisor.start', {
      title: 'Start supervisor',
      about: 'deck',
      help: 'Start the background process if it is not running.',
      cli: 'supervisor start',
      example: 'clawdeck supervisor start',
      input: () => Nothing,
      inConsole: 'start-supervisor',
      inCli: 'start-supervisor',
    }),
    screenFace('supervisor.logs', {
      title: 'Supervisor logs',
      about: 'deck',
      help: 'Show the log of the background process.',
      cli: 'supervisor logs',
      flags: { tail: { about: 'number of lines (100)', value: 'n' } },
      example: 'clawdeck supervisor logs',
      input: () =>
        z.strictObject({ tail: z.coerce.number().int().min(1).max(100_000).default(100) }),
      inCli: 'supervisor-logs',
    }),
  ]),
}
