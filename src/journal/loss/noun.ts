import { body, noun, type BodiesOf } from '../noun.ts'
import type { AcceptedLoss, Loss } from '../types.ts'

const events = {
  'journal.loss_found': body<Loss>(),
  /**
   * `found`: the events of the findings. `mark`: which record of the head mark was the evidence.
   * `digest`: of the events up to `upTo`, if their chain is broken.
   */
  'journal.loss_accepted': body<
    Loss & {
      found: number[]
      mark: number | null
      digest: { upTo: number; sha256: string } | null
    }
  >(),
}

declare module '../types.ts' {
  interface EventBodies extends BodiesOf<typeof events> {}
}

/** A finding, by the number of its event. */
export interface FoundLoss extends Loss {
  event: number
  at: number
  accepted: Omit<AcceptedLoss, keyof Loss> | null
}

/** Losses of events, and which of them an owner accepted. */
export const lossNoun = noun({
  name: 'journal_loss',
  events,
  folds: {
    'journal.loss_found': ({ seq, at, body: { after, lost, what } }, rows) => {
      const found: FoundLoss = { event: seq, at, after, lost, what, accepted: null }
      rows.put('journal_loss', String(seq), found)
    },
    'journal.loss_accepted': ({ seq, at, actor, body: { found } }, rows) => {
      for (const event of found) {
        const loss = rows.get<FoundLoss>('journal_loss', String(event))
        if (loss !== undefined)
          rows.put('journal_loss', String(event), {
            ...loss,
            accepted: { event: seq, by: actor, at },
          })
      }
    },
  },
  grants: (here, expected) => isAccepted(here) && !isAccepted(expected),
})

function isAccepted(row: object | undefined): boolean {
  return ((row as FoundLoss | undefined)?.accepted ?? null) !== null
}
