import type { Approval } from '../../../src/domain/approvals/types.ts'
import type { FakeLink } from '../../support/fake-link.ts'
import { anAction, anApproval } from '../../support/fake-rows.ts'
import type { Screen } from '../../support/screen.ts'

/** The decisions that the console sent. */
export const decided = (link: FakeLink) => link.asked.filter(({ id }) => id.startsWith('approval.'))
/** The approvals of each request to allow. */
export const allowed = (link: FakeLink) =>
  decided(link).flatMap(({ id, input }) => (id === 'approval.allow' ? [input['ids']] : []))

export const asks = (id: string, target: string, part: Partial<Approval> = {}): Approval =>
  anApproval(id, { action: anAction({ target }), ...part })
export const withRisk = (score: number) => ({ risk: { score, factors: [] } })

export const HARM = '--delete-everything'

/** A command whose harm is at its end, and all of it when it is read line by line. */
export const longCommand = (letters: number): string =>
  `echo ${'harmless words '.repeat(Math.ceil(letters / 15)).slice(0, letters)} ${HARM}`

/** Reads on until these words are there, each screenful after the one before. */
export async function readToEnd(deck: Screen, words: string): Promise<void> {
  for (let before = ''; !deck.text().includes(words);) {
    before = deck.text()
    await deck.press('J').until((text) => text !== before, 'the next lines')
  }
}
