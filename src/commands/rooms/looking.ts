import * as z from 'zod'
import { lookingNoun } from '../../domain/approvals/noun.ts'
import { act } from '../act.ts'
import { Id } from '../inputs.ts'
import type { Room } from '../room.ts'

/** Who has which question open. Consoles say it for as long as it is so. */
export const lookingRoom: Room = {
  nouns: [lookingNoun],
  commands: [
    act({
      id: 'approval.look',
      needs: 'see',
      audit: 'none',
      stream: true,
      input: () => z.strictObject({ id: Id }),
      concerns: async ({ approvals }, { id }) => [(await approvals.get(id)).agent],
      run: ({ onlookers }, { id }, { operator = '', signal }) =>
        onlookers.look(id, operator, signal),
    }),
  ],
}
