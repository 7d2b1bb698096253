import * as z from 'zod'
import { LEDGER_STATUSES } from '../../../domain/governance/types.ts'
import type { AgentWork, DeskTrace } from '../../../domain/governance/ledger/desk.ts'
import { act } from '../../act.ts'
import { face, grouped } from '../../face.ts'
import { pageInput } from '../../listing.ts'
import { ledgerList } from './ledger-list.ts'
import { actionLines, traceText, workText } from './ledger-text.ts'
import type { Room } from '../../room.ts'

/** As the deck names an agent of the API, or one in a pod. */
const AnyAgent = z.string().min(1).max(200)

/** What agents anywhere told of their actions. */
export const ledgerRoom: Room = {
  nouns: [],
  commands: grouped('Decisions', [
    face(
      act({
        id: 'ledger.list',
        needs: 'see',
        audit: 'none',
        input: () =>
          z.strictObject({
            agent: AnyAgent.optional(),
            status: z.enum(LEDGER_STATUSES).optional(),
            type: z.string().min(1).max(128).optional(),
            text: z.string().max(200).optional(),
            ...pageInput(),
          }),
        concerns: () => null,
        run: async (deck, query) => (await deck.governance()).desk.page(query),
        narrow: ({ rows, next }, sees) => ({ rows: rows.filter(({ agent }) => sees(agent)), next }),
      }),
      {
        title: 'Show the ledger',
        about: 'deck',
        help: 'What agents anywhere told of their actions over the governance API, the latest first.',
        cli: 'ledger [agent]',
        flags: {
          status: { about: LEDGER_STATUSES.join(', '), value: 'status' },
          type: { about: 'only actions of this type', value: 'type' },
          text: { about: 'only actions with these words', value: 'words' },
          limit: { about: 'how many (50)', value: 'n' },
          from: { about: 'go on from here: `next` of the page before', value: 'place' },
          side: { about: 'towards older (default) or newer ones', value: 'side' },
        },
        example: 'clawdeck ledger scout@default --status failed',
        list: ledgerList,
        changedBy: ['ledger.', 'approval.'],
        said: actionLines,
      },
    ),
    face(
      act({
        id: 'ledger.show',
        needs: 'see',
        audit: 'none',
        input: () =>
          z.strictObject({
            id: z.string().min(1).max(128),
            org: z.string().min(1).max(64).optional(),
          }),
        concerns: async (deck, { id, org }) => [
          (await deck.governance()).desk.show(id, org).line.agent,
        ],
        run: async (deck, { id, org }): Promise<DeskTrace> =>
          (await deck.governance()).desk.show(id, org),
      }),
      {
        title: 'Trace an action of the ledger',
        about: 'deck',
        help: 'An action of the ledger: its outcome and cost, what it belongs to, rests on and left open.',
        cli: 'ledger show <id>',
        flags: { org: { about: 'the organisation, if several have such an action', value: 'id' } },
        example: 'clawdeck ledger show act_4c9d…',
        changedBy: ['ledger.', 'approval.', 'record.'],
        rowOf: ({ line }) => line,
        said: traceText,
      },
    ),
    face(
      act({
        id: 'ledger.work',
        needs: 'see',
        audit: 'none',
        input: () => z.strictObject({ agent: AnyAgent }),
        run: async (deck, { agent }): Promise<AgentWork> =>
          (await deck.governance()).desk.work(agent),
      }),
      {
        title: "Show an agent's work",
        about: 'deck',
        help: 'What an agent of the governance API has left open and works on: loops, assumptions, goals, messages, its latest handoff.',
        cli: 'work <agent>',
        example: 'clawdeck work scout@default',
        said: workText,
      },
    ),
  ]),
}
