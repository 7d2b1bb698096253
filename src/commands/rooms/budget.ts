import * as z from 'zod'
import { act } from '../act.ts'
import { face, grouped } from '../face.ts'
import { budgetNoun } from '../../domain/rules/noun.ts'
import type { Room } from '../room.ts'

export const budgetRoom: Room = {
  nouns: [budgetNoun],
  commands: grouped('Decisions', [
    face(
      act({
        id: 'budget.set',
        needs: ({ perHour }) => (perHour === undefined ? 'see' : 'operate'),
        audit: ({ perHour }) => (perHour === undefined ? 'none' : 'own'),
        input: () =>
          z.strictObject({
            perHour: z
              .union(
                [z.literal('off'), z.coerce.number().int().min(0).max(10_000)],
                'a whole number of questions an hour, at most 10000, or off',
              )
              .optional(),
          }),
        run: (deck, { perHour }, { actor }) =>
          perHour === undefined
            ? deck.budget.report()
            : deck.budget.set(perHour === 'off' ? null : perHour, actor),
      }),
      {
        title: 'Attention budget',
        about: 'deck',
        help: 'How often you are asked, and what would make it less: with a number, at most so many questions an hour; `off` for no limit. It proposes, and takes nothing.',
        cli: 'policy budget [perHour]',
        example: 'clawdeck policy budget 6',
        deed: 'show-budget',
        answer: 'budget',
      },
    ),
  ]),
}
