import * as z from 'zod'
import { act } from '../../act.ts'
import { face, grouped } from '../../face.ts'
import { budgetNoun } from '../../../domain/rules/noun.ts'
import type { Room } from '../../room.ts'

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
                'must be a whole number up to 10000, or off',
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
        help: 'Show how often you are asked, and changes that would reduce it. A number sets the most approvals an hour; off removes the limit. Suggests changes; applies none.',
        cli: 'policy budget [perHour]',
        example: 'clawdeck policy budget 6',
        inConsole: 'show-budget',
        answer: 'budget',
      },
    ),
  ]),
}
