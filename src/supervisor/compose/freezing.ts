import { Freezing } from '../../domain/agents/freezing/service.ts'
import { HeldQuestions } from '../../domain/approvals/holding/questions.ts'
import { isApiAgent } from '../../domain/governance/agents/rules.ts'
import { readFreezeMarks, removeFreezeMarks } from '../freeze-marks.ts'
import type { ComposedBounds } from './agents.ts'
import type { DeckContext } from './context.ts'
import type { DeckRecord } from './record.ts'

/**
 * What freezes agents. What was frozen while no supervisor ran is written down first: before the
 * time of a question can be over, and before anything is answered.
 */
export async function composeFreezing(
  { home, backends, clock, log, parts }: DeckContext,
  { journal, store }: DeckRecord,
  { reader }: ComposedBounds,
): Promise<Freezing> {
  const freezing = parts.use(
    new Freezing({
      journal,
      clock,
      reader,
      log,
      backendOf: ({ backend }) => backends.of(backend),
      questions: new HeldQuestions(store),
      marks: {
        read: () => readFreezeMarks(home.freezeMarks, log),
        remove: () => removeFreezeMarks(home.freezeMarks),
      },
      isKnown: (name) => isApiAgent(name) && journal.rows.get('api_agent', name) !== undefined,
    }),
  )
  await freezing.takeMarks()
  return freezing
}
