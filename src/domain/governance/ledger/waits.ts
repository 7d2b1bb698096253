import type { Clock } from '../../../base/clock.ts'
import type { Journal } from '../../../journal/journal.ts'
import { Waiters } from '../../approvals/waiters.ts'
import { streamMessages } from '../stream/messages.ts'
import type { RecordedAction } from './types.ts'

/** Looks at the same action that come sooner after each other are those of somebody who waits. */
const AGAIN_WITHIN_MS = 30_000
/** How long a look waits for an answer. Clients give up after 30 s. */
const LONGEST_MS = 20_000
const MOST_LOOKS = 10_000

/** Who looks at an action. */
interface Look {
  org: string
  key: string
  signal: AbortSignal
}

/**
 * Lets those who look at a held action again and again wait for the decision instead. The first
 * look is answered at once.
 */
export class ActionWaits implements Disposable {
  readonly #clock: Clock
  readonly #waiters: Waiters
  readonly #looks = new Map<string, number>()
  readonly #unfollow: () => void

  constructor({ journal, clock }: { journal: Journal; clock: Clock }) {
    this.#clock = clock
    this.#waiters = new Waiters(clock)
    this.#unfollow = journal.follow(({ events }) => {
      for (const event of events) {
        // Only a decision ends a wait: what is held cannot be reported.
        if (!event.type.startsWith('approval.')) continue
        for (const { org, name, data } of streamMessages(event, journal.rows))
          if (name === 'action.updated')
            this.#waiters.wake(`${org}/${(data as RecordedAction).action_id}`)
      }
    })
  }

  /** The action as `read` finds it, after a decision or a while if it is held. */
  async look(read: () => RecordedAction, { org, key, signal }: Look): Promise<RecordedAction> {
    const action = read()
    if (action.status !== 'pending_approval') return action
    if (!this.#isRepeated(`${key} ${org}/${action.action_id}`)) return action
    await this.#waiters.wait(`${org}/${action.action_id}`, LONGEST_MS, signal)
    return read()
  }

  [Symbol.dispose](): void {
    this.#unfollow()
    this.#waiters.wakeAll()
  }

  #isRepeated(look: string): boolean {
    const now = this.#clock.now()
    const latest = this.#looks.get(look) ?? -Infinity
    this.#looks.delete(look)
    if (this.#looks.size >= MOST_LOOKS) this.#looks.clear()
    this.#looks.set(look, now)
    return now - latest < AGAIN_WITHIN_MS
  }
}
