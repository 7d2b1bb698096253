import type { ChatBot, ChatUpdate } from '../../ports/chat-bot.ts'
import type { Contact } from './contact.ts'

/** Updates that are known to have been taken, so that one told twice is taken once. */
const MOST_KNOWN = 1000

/** A service that waits for nothing is not asked again at once. */
const SOON_MS = 1000

interface UpdateParts {
  bot: ChatBot
  contact: Contact
  /** The last update that was taken, by the supervisor before this one. */
  upTo: number | null
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
  const { bot, contact } = parts
  const known = new Set<number>()
  let offset = parts.upTo === null ? undefined : parts.upTo + 1
  let tries = 0
  while (!contact.gone.aborted) {
    try {
      const asked = performance.now()
      const updates = await bot.updates(offset, contact.gone)
      tries = 0
      contact.made()
      await takeAll(parts, known, updates)
      forget(known)
      const last = updates.at(-1)
      // After a week of silence numbers begin anew, so this one may be less than the one before.
      if (last !== undefined) offset = last.id + 1
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
