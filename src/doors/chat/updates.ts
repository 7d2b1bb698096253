import type { Clock } from '../../base/clock.ts'
import type { BotPosition } from '../../domain/chats/types.ts'
import type { ChatBot, ChatUpdate } from '../../ports/chat-bot.ts'
import type { Contact } from './contact.ts'

/** Updates that are known to have been taken, so that one told twice is taken once. */
const MOST_KNOWN = 1000

/** A service that waits for nothing is not asked again at once. */
const SOON_MS = 1000
/** After a week of silence the numbers of updates begin anew, anywhere. */
const OLD_MS = 6 * 86_400_000

interface UpdateParts {
  bot: ChatBot
  contact: Contact
  clock: Pick<Clock, 'now'>
  /** What was taken by the supervisor before this one. */
  before: BotPosition
  /** Whether it has to be remembered that this one was taken. */
  take(update: ChatUpdate): Promise<boolean>
  noteTaken(upTo: number): Promise<void>
  problem(what: string): void
}

/**
 * Takes updates one after another until the door closes. The service is told that it may forget
 * some only after what they asked for is in the journal: a crash before has them told again.
 */
export async function takeUpdates(parts: UpdateParts): Promise<void> {
  const { bot, contact, clock, before } = parts
  const known = new Set<number>()
  let [taken, takenAt] = [before.upTo, before.takenAt]
  let tries = 0
  while (!contact.gone.aborted) {
    try {
      const asked = performance.now()
      const isOld = clock.now() - takenAt > OLD_MS
      const offset = taken === null || isOld ? undefined : taken + 1
      const updates = await bot.updates(offset, contact.gone)
      tries = 0
      contact.made()
      await takeAll(parts, known, updates)
      forget(known)
      const last = updates.at(-1)
      if (last !== undefined) [taken, takenAt] = [last.id, clock.now()]
      else if (performance.now() - asked < SOON_MS) await contact.pause(SOON_MS)
    } catch (thrown) {
      if (!(await contact.waitAfter(thrown, ++tries))) await contact.pause(1000)
    }
  }
}

async function takeAll(
  { take, noteTaken, problem }: UpdateParts,
  known: Set<number>,
  updates: readonly ChatUpdate[],
): Promise<void> {
  let upTo: number | undefined
  for (const update of updates) {
    if (known.has(update.id)) continue
    known.add(update.id)
    try {
      if (await take(update)) upTo = update.id
    } catch (thrown) {
      problem(`an update was not understood: ${String(thrown)}`)
    }
  }
  if (upTo !== undefined) await noteTaken(upTo)
}

function forget(known: Set<number>): void {
  for (const id of known) {
    if (known.size <= MOST_KNOWN) return
    known.delete(id)
  }
}
