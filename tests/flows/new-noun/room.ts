/** A whole room for a noun that the deck does not have, file by file, as somebody would write it. */
export const ROOM: Readonly<Record<string, string>> = {
  'src/domain/toys/types.ts': `/** Something that a test makes up. */
export interface Toy {
  id: string
  colour: string
  madeBy: string
}

export interface Toys {
  list(): Promise<Toy[]>
  make(colour: string, actor: string): Promise<Toy>
  paint(id: string, colour: string, actor: string): Promise<Toy>
  lose(id: string, actor: string): Promise<Toy>
}
`,
  'src/domain/toys/noun.ts': `import { body, noun, type BodiesOf } from '../../journal/noun.ts'
import type { Toy } from './types.ts'

const events = {
  'toy.made': body<{ id: string; colour: string }>(),
  'toy.painted': body<{ id: string; colour: string }>(),
  'toy.lost': body<{ id: string }>(),
}

declare module '../../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof events> {}
  interface MirroredRows {
    toy: Toy
  }
}

export const toyNoun = noun({
  name: 'toy',
  columns: { colour: { path: 'colour', type: 'TEXT' } },
  indexes: [['colour']],
  events,
  folds: {
    'toy.made': ({ actor, body: { id, colour } }, rows) =>
      rows.put('toy', id, { id, colour, madeBy: actor }),
    'toy.painted': ({ body: { id, colour } }, rows) =>
      rows.put('toy', id, { ...rows.get<Toy>('toy', id), colour }),
    'toy.lost': ({ body: { id } }, rows) => rows.drop('toy', id),
  },
  mirror: ['ORDER BY colour'],
})
`,
  'src/domain/toys/service.ts': `import { Fault } from '../../base/fault.ts'
import { newId } from '../../base/ids.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Store } from '../../store/open.ts'
import type { Toy, Toys } from './types.ts'

export function toyService({ journal, store }: { journal: Journal; store: Store }): Toys {
  const all = store.prepare<[], string>('SELECT row FROM toy ORDER BY colour').pluck()
  const get = (id: string): Toy => {
    const toy = journal.rows.get<Toy>('toy', id)
    if (toy === undefined) throw new Fault('not.found', \`no toy \${id}\`)
    return toy
  }
  return {
    list: async () => all.all().map((row) => JSON.parse(row) as Toy),
    async make(colour, actor) {
      const id = newId('toy')
      await journal.append(() => [{ type: 'toy.made', actor, subject: '', body: { id, colour } }])
      return get(id)
    },
    async paint(id, colour, actor) {
      await journal.append(() => {
        get(id)
        return [{ type: 'toy.painted', actor, subject: '', body: { id, colour } }]
      })
      return get(id)
    },
    async lose(id, actor) {
      const toy = get(id)
      await journal.append(() => [{ type: 'toy.lost', actor, subject: '', body: { id } }])
      return toy
    },
  }
}
`,
}

/** What stands outside of the room: one file of its own, and its place in one list. */
export const COMMANDS: Readonly<Record<string, string>> = {
  'src/commands/rooms/toys.ts': `import * as z from 'zod'
import { toyNoun } from '../../domain/toys/noun.ts'
import type { Toys } from '../../domain/toys/types.ts'
import { act } from '../act.ts'
import { face, grouped } from '../face.ts'
import { Id, Nothing } from '../inputs.ts'
import type { Room } from '../room.ts'
import { nounTable } from '../table.ts'

declare module '../deck.ts' {
  interface RecordServices {
    toys: Toys
  }
}

const toyTable = nounTable('toy', {
  title: 'Toys',
  columns: [
    { title: 'TOY', cell: (toy) => toy.id },
    { title: 'COLOUR', cell: (toy) => toy.colour },
    { title: 'BY', cell: (toy) => toy.madeBy },
  ],
  none: 'No toys yet. Make one: clawdeck toys make red',
})

export const toysRoom: Room = {
  nouns: [toyNoun],
  service: async (context) => ({
    toys: (await import('../../domain/toys/service.ts')).toyService(context),
  }),
  commands: grouped('Agents', [
    face(
      act({
        id: 'toy.list',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: (deck) => deck.toys.list(),
      }),
      {
        title: 'List toys',
        about: 'deck',
        help: 'Every toy.',
        cli: 'toys list',
        example: 'clawdeck toys list',
        table: toyTable,
      },
    ),
    face(
      act({
        id: 'toy.make',
        needs: 'operate',
        audit: 'own',
        input: () => z.strictObject({ colour: z.string().max(20) }),
        run: (deck, { colour }, { actor }) => deck.toys.make(colour, actor),
      }),
      {
        title: 'Make a toy',
        about: 'deck',
        help: 'Make a toy.',
        cli: 'toys make <colour>',
        example: 'clawdeck toys make red',
        said: (toy) => \`\${toy.id} is \${toy.colour}\`,
      },
    ),
    face(
      act({
        id: 'toy.paint',
        needs: 'operate',
        audit: 'own',
        input: () => z.strictObject({ id: Id, colour: z.string().max(20) }),
        run: (deck, { id, colour }, { actor }) => deck.toys.paint(id, colour, actor),
      }),
      {
        title: 'Paint toy',
        about: 'toy',
        subjectKey: 'id',
        help: 'Give a toy another colour.',
        cli: 'toys paint <id> <colour>',
        example: 'clawdeck toys paint toy_… blue',
      },
    ),
    face(
      act({
        id: 'toy.lose',
        needs: 'operate',
        audit: 'own',
        input: () => z.strictObject({ id: Id }),
        run: (deck, { id }, { actor }) => deck.toys.lose(id, actor),
      }),
      {
        title: 'Lose toy',
        about: 'toy',
        keys: ['x'],
        subjectKey: 'id',
        help: 'Lose a toy.',
        cli: 'toys lose <id>',
        example: 'clawdeck toys lose toy_…',
      },
    ),
  ]),
}
`,
}

/** Its place in the list. */
export const LIST = {
  path: 'src/commands/registry.ts',
  edits: [
    ['import { trialsRoom }', "import { toysRoom } from './rooms/toys.ts'\nimport { trialsRoom }"],
    ['  screenRoom,\n]', '  toysRoom,\n  screenRoom,\n]'],
  ],
} as const
