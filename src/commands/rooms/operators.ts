import { plain, span } from '../../base/text.ts'
import * as z from 'zod'
import { operatorNoun } from '../../domain/operators/noun.ts'
import { shownActor } from '../../domain/operators/rules.ts'
import type { OperatorRow, Presence } from '../../domain/operators/types.ts'
import { act } from '../act.ts'
import { face, grouped } from '../face.ts'
import { AgentName, Nothing, OperatorId } from '../inputs.ts'
import { nounTable } from '../table.ts'
import type { Room } from '../room.ts'

const operatorTable = nounTable('operator', {
  title: 'Operators',
  columns: [
    { title: 'OPERATOR', cell: ({ id }) => id },
    { title: 'ROLE', cell: ({ role }) => role },
    { title: 'AGENTS', cell: ({ agents }) => agents?.join(', ') ?? 'all' },
    { title: 'KIND', cell: kindOf },
    {
      title: 'HERE NOW',
      cell: ({ here }, now) => hereText(here, now) || '–',
    },
    { title: 'ADDED BY', cell: ({ addedBy }) => shownActor(addedBy) },
  ],
  none: 'There are no operators.',
})

/** Their doors, each with how many are open and for how long the first of them has been. */
function hereText(here: readonly Presence[], now: number): string {
  return [...Map.groupBy(here, ({ door }) => door)]
    .map(([door, open]) => {
      const since = Math.min(...open.map((each) => each.since))
      return `${door}${open.length === 1 ? '' : ` ×${open.length}`} for ${span(now - since)}`
    })
    .join(', ')
}

function kindOf({ kind, local, state }: OperatorRow): string {
  if (state === 'removed') return 'removed'
  if (kind === 'key') return 'API key'
  return local ? 'at this machine' : 'person'
}

const Role = z.enum(['owner', 'operator', 'viewer'])
/** On the command line the names are separated by commas. */
const listed = (given: unknown) =>
  typeof given === 'string' ? given.split(',').map((name) => name.trim()) : given
const AgentNames = z.array(AgentName).min(1).max(100)
const Agents = z.preprocess(listed, AgentNames.nullable().default(null))
/** Without it, as before; `all` is the whole deck. */
const ChangedAgents = z.preprocess(
  (given) => (given === 'all' ? null : listed(given)),
  AgentNames.nullable().optional(),
)
const Named = z.strictObject({ id: OperatorId, role: Role.default('operator'), agents: Agents })
const FLAGS = {
  role: { about: 'owner, operator (default) or viewer', value: 'role' },
  agents: { about: 'only these agents, separated by commas', value: 'names' },
}

function rightsOf({ id, role, agents }: OperatorRow): string {
  const where = agents === null ? 'of the whole deck' : `for ${agents.join(', ')}`
  return `${plain(id)} is ${role} ${where}`
}

export const operatorsRoom: Room = {
  nouns: [operatorNoun],
  commands: grouped('Deck', [
    face(
      act({
        id: 'operator.list',
        needs: 'see',
        audit: 'none',
        input: () => z.strictObject({ state: z.enum(['active', 'all']).default('active') }),
        run: (deck, { state }) => deck.operators.list(state),
      }),
      {
        title: 'List operators',
        about: 'deck',
        help: 'Who may work with this deck, with which rights, and who is here now.',
        cli: 'operators list',
        flags: { state: { about: 'active (default) or all', value: 'state' } },
        example: 'clawdeck operators list',
        table: operatorTable,
      },
    ),
    face(
      act({
        id: 'operator.me',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        concerns: () => [],
        run: async (deck, _input, { operator = '', role, agents, door }) => ({
          operator,
          local: (await deck.operators.list('active')).some(
            ({ id, local }) => local && id === operator,
          ),
          role,
          agents: agents === undefined ? null : [...agents],
          door,
        }),
      }),
      {
        title: 'Who am I',
        about: 'deck',
        help: 'As whom the deck knows you, and your rights.',
        cli: 'operators me',
        example: 'clawdeck operators me',
      },
    ),
    face(
      act({
        id: 'operator.add',
        needs: 'own',
        audit: 'own',
        input: () => Named,
        run: (deck, { id, role, agents }, { actor }) =>
          deck.operators.add(id, { role, agents }, actor),
      }),
      {
        title: 'Add operator',
        about: 'deck',
        help: 'Let another person work with this deck. They get in by pairing.',
        cli: 'operators add <id>',
        flags: FLAGS,
        example: 'clawdeck operators add maya --role viewer',
        said: rightsOf,
      },
    ),
    face(
      act({
        id: 'operator.key',
        needs: 'own',
        audit: 'own',
        input: () => Named,
        run: (deck, { id, role, agents }, { actor }) =>
          deck.operators.addKey(id, { role, agents }, actor),
      }),
      {
        title: 'Issue API key',
        about: 'deck',
        help: 'Let a program work with this deck. The key is shown once and stored nowhere.',
        cli: 'operators key <id>',
        flags: FLAGS,
        example: 'clawdeck operators key nightly --role viewer',
        said: ({ operator, key }) =>
          `${rightsOf(operator)}. Its key, shown only now (CLAWDECK_KEY):\n${key}`,
      },
    ),
    face(
      act({
        id: 'operator.role',
        needs: 'own',
        audit: 'own',
        input: () => z.strictObject({ id: OperatorId, role: Role, agents: ChangedAgents }),
        run: (deck, { id, role, agents }, { actor }) =>
          deck.operators.give(id, { role, agents }, actor),
      }),
      {
        title: 'Change role',
        about: 'deck',
        help: 'Give an operator another role, at once on every door. The agents that they may work with stay the same, unless others are named.',
        cli: 'operators role <id> <role>',
        flags: {
          agents: {
            about: 'only these agents, separated by commas; all for the deck',
            value: 'names',
          },
        },
        example: 'clawdeck operators role maya operator --agents scout',
        said: rightsOf,
      },
    ),
    face(
      act({
        id: 'operator.rm',
        needs: 'own',
        audit: 'own',
        input: () => z.strictObject({ id: OperatorId }),
        run: (deck, { id }, { actor }) => deck.operators.remove(id, actor),
      }),
      {
        title: 'Remove operator',
        about: 'operator',
        keys: ['x'],
        hint: 2,
        danger: 'confirm',
        subjectKey: 'id',
        help: 'End all rights of an operator, at once on every door.',
        cli: 'operators rm <id>',
        example: 'clawdeck operators rm maya',
        said: ({ id }) => `${plain(id)} was removed`,
      },
    ),
  ]),
}
