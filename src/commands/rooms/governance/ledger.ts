import * as z from 'zod'
import { LEDGER_STATUSES } from '../../../domain/governance/types.ts'
import type { Why } from '../../../domain/rules/why/types.ts'
import { asFault } from '../../../base/fault.ts'
import type { ShownTrace, ShownWork } from '../../answers.ts'
import type { Deck } from '../../deck.ts'
import { act } from '../../act.ts'
import { face, grouped, screenFace } from '../../face.ts'
import { pageInput } from '../../listing.ts'
import { ledgerList } from './ledger-list.ts'
import { actionLines } from './ledger-text.ts'
import type { Room } from '../../room.ts'

const MOST_SIGNALS = 20

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
        title: 'Ledger',
        about: 'deck',
        keys: ['L'],
        hint: 60,
        short: 'ledger',
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
        run: async (deck, { id, org }): Promise<ShownTrace> => {
          const found = (await deck.governance()).desk.show(id, org)
          return { ...found, why: await whyOf(deck, found.line.question) }
        },
      }),
      {
        title: 'Action',
        about: 'action',
        subjectKey: 'id',
        help: 'An action of the ledger: its outcome and cost, what it belongs to, rests on and left open.',
        cli: 'ledger show <id>',
        flags: { org: { about: 'the organisation, if several have such an action', value: 'id' } },
        example: 'clawdeck ledger show act_4c9d…',
        changedBy: ['ledger.', 'approval.', 'record.'],
        rowOf: ({ line }) => line,
        answer: 'action-trace',
      },
    ),
    face(
      act({
        id: 'ledger.work',
        needs: 'see',
        audit: 'none',
        input: () => z.strictObject({ agent: AnyAgent }),
        run: async (deck, { agent }): Promise<ShownWork> => {
          const { desk, signals } = await deck.governance()
          const work = desk.work(agent)
          return { ...work, signals: signals.live(work.org, work.id).slice(0, MOST_SIGNALS) }
        },
      }),
      {
        title: "Agent's work",
        about: 'agent',
        alsoAbout: ['api_agent'],
        keys: ['W'],
        hint: 4,
        hintBeside: ['api_agent', 'action'],
        short: 'its work',
        subjectKey: 'agent',
        help: 'What an agent does and works on: its latest actions, what waits for you, signals, loops, assumptions, goals, messages, handoffs, tokens and cost.',
        changedBy: ['ledger.', 'approval.', 'record.', 'api_agent.'],
        answer: 'agent-work',
        cli: 'work <agent>',
        example: 'clawdeck work scout@default',
      },
    ),
    screenFace('ledger.of_agent', {
      title: "Agent's actions",
      about: 'agent',
      alsoAbout: ['api_agent'],
      keys: ['H'],
      hint: 3,
      hintBeside: ['api_agent'],
      short: 'its actions',
      help: 'Show what an agent did in the ledger. Esc shows the whole ledger.',
      needsSupervisor: true,
      inConsole: 'agent-actions',
    }),
    screenFace('ledger.why', {
      title: 'Why',
      about: 'action',
      keys: ['w'],
      hint: 1,
      help: 'Show how the guard decided about the action, and what would change it.',
      needsSupervisor: true,
      unavailable: ({ question }) =>
        question === '' ? 'the guard was not asked about it' : undefined,
      inConsole: 'action-why',
    }),
    screenFace('ledger.approval', {
      title: 'Open its approval',
      about: 'action',
      keys: ['o'],
      hint: 2,
      short: 'approval',
      help: 'Show the approval that the action waits for, or waited for.',
      unavailable: ({ approval }) => (approval === '' ? 'nobody was asked about it' : undefined),
      inConsole: 'action-approval',
    }),
    screenFace('ledger.agent', {
      title: 'Go to its agent',
      about: 'action',
      keys: ['u'],
      hint: 3,
      short: 'agent',
      help: 'Show the agent that did it.',
      inConsole: 'action-agent',
    }),
  ]),
}

/** How a question of the guard was decided; null if there is none, or no longer. */
async function whyOf(deck: Deck, question: string): Promise<Why | null> {
  if (question === '') return null
  const why = await deck.rules.why(question).catch((thrown: unknown) => {
    if (asFault(thrown).code === 'not.found') return null
    throw thrown
  })
  return why?.about === 'question' ? why : null
}
