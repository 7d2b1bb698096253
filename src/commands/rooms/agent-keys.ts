import * as z from 'zod'
import { ago, span } from '../../base/text.ts'
import { agentKeyNoun } from '../../domain/agents/keys/noun.ts'
import { comparedPart, parseKey } from '../../domain/agents/keys/rules.ts'
import type { AgentKey } from '../../domain/agents/keys/types.ts'
import { shownActor } from '../../domain/operators/rules.ts'
import { act } from '../act.ts'
import type { Deck } from '../deck.ts'
import { face, grouped } from '../face.ts'
import { AgentName, Confirm, Id } from '../inputs.ts'
import type { Room } from '../room.ts'
import { nounTable } from '../table.ts'

const agentKeyTable = nounTable('agent_key', {
  title: 'Agent keys',
  columns: [
    { title: 'KEY', cell: ({ id }) => id },
    { title: 'AGENT', cell: ({ agent }) => agent },
    { title: 'FINGERPRINT', cell: comparedPart },
    { title: 'STATE', cell: stateText },
    { title: 'SINCE', cell: ({ requestedAt }, now) => ago(requestedAt, now) },
    { title: 'BY', cell: ({ decidedBy }) => shownActor(decidedBy) || '–' },
    { title: 'TYPE', cell: ({ key }) => key.type },
  ],
  none: 'No agent outside of pods has a key. Trust one: clawdeck agent-keys add <agent> key.pub',
})

function stateText({ state, expiresAt }: AgentKey, now: number): string {
  if (state !== 'requested' || expiresAt === null) return state
  return now < expiresAt ? `waits, ${span(expiresAt - now)}` : 'over'
}

const Offer = z.strictObject({ agent: AgentName, key: z.string().min(1).max(8192) })
/** What an agent says that was given a link. `device`: how its program calls itself. */
const Presented = Offer.extend({
  token: z.string().min(1).max(200),
  device: z.string().min(1).max(100).default('a program'),
})

async function agentOf({ agentKeys }: Deck, id: string): Promise<string[]> {
  return [(await agentKeys.get(id)).agent]
}

/** What a person confirms before a key is trusted: that it is the one that the agent has. */
async function fingerprintOf({ agentKeys }: Deck, id: string) {
  const key = await agentKeys.get(id)
  if (key.state !== 'requested') return []
  const value = comparedPart(key)
  const text = `Whoever has this key asks as ${key.agent}. Its program must show a fingerprint that begins with ${value}`
  return [{ what: 'code' as const, value, text }]
}

const said = ({ id, agent, state }: AgentKey) => `${id} of ${agent} is ${state}`

/** The keys by which agents outside of pods prove what they ask. */
export const agentKeysRoom: Room = {
  nouns: [agentKeyNoun],
  commands: grouped('Agents', [
    act({
      id: 'agent_key.request',
      needs: 'pair',
      audit: 'own',
      input: () => Offer,
      run: async (deck, offer, { actor }) => {
        const { id, fingerprint, expiresAt } = await deck.agentKeys.request(offer, actor)
        return { id, fingerprint, expiresAt }
      },
    }),
    act({
      id: 'agent_key.present',
      needs: 'pair',
      audit: 'own',
      input: () => Presented,
      run: async (deck, { agent, key, token, device }, { actor }) => {
        const identity = parseKey(key)
        const presentation = { token, agent, person: agent, device, identity }
        const taken = await deck.access.present(presentation, actor)
        return { id: taken.id, expiresAt: taken.expiresAt, code: taken.presented?.code }
      },
    }),
    face(
      act({
        id: 'agent_key.list',
        needs: 'see',
        audit: 'none',
        input: () => z.strictObject({ state: z.enum(['open', 'all']).default('open') }),
        run: (deck, { state }) => deck.agentKeys.list(state),
        narrow: (keys, sees) => keys.filter(({ agent }) => sees(agent)),
      }),
      {
        title: 'List agent keys',
        about: 'deck',
        help: 'The keys of agents that run outside of pods: trusted, or waiting to be.',
        cli: 'agent-keys list',
        flags: { state: { about: 'open (default) or all', value: 'state' } },
        example: 'clawdeck agent-keys list',
        table: agentKeyTable,
      },
    ),
    face(
      act({
        id: 'agent_key.add',
        needs: 'own',
        audit: 'own',
        input: () => z.strictObject({ agent: AgentName, file: z.string().min(1).max(4096) }),
        run: (deck, { agent, file }, { actor }) => deck.agentKeys.add(agent, file, actor),
      }),
      {
        title: 'Trust an agent key',
        about: 'deck',
        help: 'Answer questions of an agent outside of pods that are signed with the key whose public half is in a file, as PEM or JWK.',
        cli: 'agent-keys add <agent> <file>',
        example: 'clawdeck agent-keys add far far.pub',
        paths: { file: 'always' },
        said: (key) => `${said(key)}. It signs with keyid="${key.id}"`,
      },
    ),
    face(
      act({
        id: 'agent_key.confirm',
        needs: 'own',
        audit: 'own',
        input: () => z.strictObject({ id: Id, confirm: Confirm }),
        concerns: (deck, { id }) => agentOf(deck, id),
        confirm: (deck, { id }) => fingerprintOf(deck, id),
        run: (deck, { id }, { actor }) => deck.agentKeys.confirm(id, actor),
      }),
      {
        title: 'Confirm agent key',
        about: 'agent_key',
        keys: ['y'],
        hint: 1,
        subjectKey: 'id',
        help: 'Trust a key that an agent has asked to be known by, when both sides show the same fingerprint.',
        cli: 'agent-keys confirm <id>',
        flags: {
          confirm: { about: 'the fingerprint, as code=…', value: 'what=value', many: true },
        },
        example: 'clawdeck agent-keys confirm key_…',
        said,
      },
    ),
    face(
      act({
        id: 'agent_key.end',
        needs: 'own',
        audit: 'own',
        input: () => z.strictObject({ id: Id }),
        concerns: (deck, { id }) => agentOf(deck, id),
        run: (deck, { id }, { actor }) => deck.agentKeys.end(id, actor),
      }),
      {
        title: 'Revoke agent key',
        about: 'agent_key',
        keys: ['x'],
        hint: 2,
        danger: 'confirm',
        subjectKey: 'id',
        help: 'Refuse a key that waits, or end the trust in one at once.',
        cli: 'agent-keys revoke <id>',
        example: 'clawdeck agent-keys revoke key_…',
        said,
      },
    ),
  ]),
}
