import { afterEach } from 'vitest'
import { noun, nounsOf } from '../../src/journal/noun.ts'
import { ephemeralHostKey } from '../support/host-key.ts'
import { draft, realJournal, tempFolder } from '../support/journal.ts'

/** Run after each test, the last one first. */
export const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

/** The last note of each agent, as a lease that is as active as the note says. */
export const nouns = nounsOf([
  noun({ name: 'agent', folds: {} }),
  noun({
    name: 'lease',
    folds: {
      'agent.failed': (event, rows) => rows.put('lease', event.subject, { state: event.body.note }),
    },
    grants: (here, expected) => isActive(here) && !isActive(expected),
  }),
])
const isActive = (row: object | undefined) =>
  (row as { state?: string } | undefined)?.state === 'active'

async function open(key = ephemeralHostKey(), folder = tempFolder((act) => cleanups.push(act))) {
  const deck = await realJournal(folder, nouns, key)
  let closed: Promise<void> | undefined
  const close = () => (closed ??= deck.close())
  cleanups.push(close)
  return {
    folder,
    ...deck,
    close,
    again: async () => {
      await close()
      return open(key, folder)
    },
  }
}

/** A journal with a few signed heads. */
export async function signed() {
  const deck = await open()
  for (let i = 0; i < 6; i++) {
    await deck.journal.append(() => [draft(`note ${i}`, `a${i % 2}`)])
    if (i % 2 === 1) deck.checkpoints.sign()
  }
  await deck.mirror.flush()
  return deck
}
