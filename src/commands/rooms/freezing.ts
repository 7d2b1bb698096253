import * as z from 'zod'
import { count, plain } from '../../base/text.ts'
import { absenceNoun, freezeNoun } from '../../domain/agents/freezing/noun.ts'
import type { FreezeReport } from '../../domain/agents/freezing/types.ts'
import { agentCan, fleetCan } from '../../domain/agents/rules.ts'
import { act } from '../act.ts'
import { face, grouped, screenFace } from '../face.ts'
import { AgentName, Confirm } from '../inputs.ts'
import type { Room } from '../room.ts'

/** An agent with a lock, or one of the governance API. */
const Freezable = z.union([AgentName, z.string().regex(/^[^\s@]{1,200}@[a-z0-9-]{1,100}$/)])
const Why = z.string().max(500).default('')

/** What was done, and to whom. */
export function frozenSaid({ agents, ms }: FreezeReport): string {
  return `Frozen: ${whom(agents)}. Nothing of ${agents.length === 1 ? 'it' : 'them'} runs since ${ms} ms.`
}

export function thawedSaid({ agents, stillFrozen }: FreezeReport): string {
  const still =
    stillFrozen.length === 0
      ? ''
      : `\nStill frozen, each by itself: ${whom(stillFrozen)} (clawdeck thaw <agent>)`
  return `Thawed: ${whom(agents)}. Questions wait as long as they still had.${still}`
}

const MOST_NAMED = 10

function whom(agents: readonly string[]): string {
  const names = agents.slice(0, MOST_NAMED).map((name) => plain(name, 60))
  const more = agents.length - names.length
  if (agents.length === 0) return 'no agent'
  return more > 0 ? `${count(agents.length, 'agent')}: ${names.join(', ')} …` : names.join(', ')
}

/** Freezing: agents are held where they are, and go on later. */
export const freezingRoom: Room = {
  nouns: [freezeNoun, absenceNoun],
  commands: grouped('Agents', [
    face(
      act({
        id: 'agent.freeze',
        needs: 'operate',
        audit: 'own',
        input: () => z.strictObject({ agent: Freezable, why: Why }),
        run: (deck, { agent, why }, { actor }) => deck.freezing.freeze(agent, why, actor),
      }),
      {
        title: 'Freeze agent',
        about: 'agent',
        keys: ['!'],
        hint: 19,
        many: true,
        subjectKey: 'agent',
        help: 'Pause the pod where it is. Its questions are held: they neither expire nor are decided.',
        unavailable: agentCan.freeze,
        busy: 'freezing',
        said: frozenSaid,
      },
    ),
    face(
      act({
        id: 'agent.thaw',
        needs: 'operate',
        audit: 'own',
        input: () => z.strictObject({ agent: Freezable }),
        run: (deck, { agent }, { actor }) => deck.freezing.thaw(agent, actor),
      }),
      {
        title: 'Thaw agent',
        about: 'agent',
        keys: ['U'],
        hint: 0,
        danger: 'confirm',
        many: true,
        subjectKey: 'agent',
        help: 'Let a frozen agent go on where it was. Its questions wait as long as they still had.',
        unavailable: agentCan.thaw,
        busy: 'thawing',
        said: thawedSaid,
      },
    ),
    face(
      act({
        id: 'fleet.freeze',
        needs: 'operate',
        audit: 'own',
        input: () => z.strictObject({ why: Why }),
        run: (deck, { why }, { actor }) => deck.freezing.freezeAll(why, actor),
      }),
      {
        title: 'Freeze the fleet',
        about: 'deck',
        keys: ['!!'],
        help: 'Pause every pod at once. Whatever is asked is held or refused, and nothing new starts.',
        said: frozenSaid,
      },
    ),
    face(
      act({
        id: 'fleet.thaw',
        needs: 'operate',
        audit: 'own',
        input: () => z.strictObject({ confirm: Confirm }),
        // Many at once are named.
        confirm: async (deck) => {
          const names = deck.freezing.thawable()
          if (names.length < 2) return []
          const text = `${count(names.length, 'agent')} go on: ${names.join(', ')}`
          return [{ what: 'count', value: String(names.length), text }]
        },
        run: (deck, _input, { actor }) => deck.freezing.thawAll(actor),
      }),
      {
        title: 'Thaw the fleet',
        about: 'deck',
        keys: ['F'],
        hint: 1,
        danger: 'confirm',
        short: 'thaw the fleet',
        help: 'Let all agents go on that were frozen with the fleet. Those frozen by themselves stay so.',
        unavailable: ({ fleet }) => fleetCan.thaw(fleet),
        said: thawedSaid,
      },
    ),
    screenFace('deck.freeze', {
      title: 'Freeze',
      about: 'deck',
      help: 'Freeze one agent, or all of them, also while no supervisor runs: then pods are paused directly.',
      cli: 'freeze [agent]',
      flags: {
        all: { about: 'the whole fleet, and whatever is started later' },
        why: { about: 'a reason, for everybody who sees it', value: 'text' },
      },
      example: 'clawdeck freeze --all',
      input: () =>
        z.strictObject({
          agent: Freezable.optional(),
          all: z.boolean().default(false),
          why: Why,
        }),
      hidden: true,
      inCli: 'freeze',
    }),
    screenFace('deck.thaw', {
      title: 'Thaw',
      about: 'deck',
      help: 'Let a frozen agent, or the whole fleet, go on.',
      cli: 'thaw [agent]',
      flags: {
        all: { about: 'all that were frozen with the fleet' },
        confirm: {
          about: 'confirm how many go on without a terminal, such as count=3',
          value: 'what=value',
          many: true,
        },
      },
      example: 'clawdeck thaw --all',
      input: () =>
        z.strictObject({
          agent: Freezable.optional(),
          all: z.boolean().default(false),
          confirm: Confirm,
        }),
      hidden: true,
      inCli: 'thaw',
    }),
  ]),
}
