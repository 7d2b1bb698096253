import { ChatRefusal } from '../../base/chat-refusal.ts'
import type { Clock } from '../../base/clock.ts'
import { plain } from '../../base/text.ts'

const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 60_000

/** The contact with the chat service: when there was one last, and how long to wait for another. */
export class Contact {
  /** Aborted when the door closes. */
  readonly gone: AbortSignal
  readonly #clock: Clock
  #lastAt: number | null = null
  #problem: string | null = null

  constructor(clock: Clock, gone: AbortSignal) {
    this.#clock = clock
    this.gone = gone
  }

  get state(): { lastAt: number | null; problem: string | null } {
    return { lastAt: this.#lastAt, problem: this.#problem }
  }

  /** The service did what it was asked. */
  made(): void {
    this.#lastAt = this.#clock.now()
    this.#problem = null
  }

  /**
   * Waits until something that failed may be tried again; `tries` is how often it failed in a row.
   * False if it should not be.
   */
  async waitAfter(thrown: unknown, tries: number): Promise<boolean> {
    const wait = this.#waitFor(thrown, tries)
    if (wait === undefined) return false
    await this.pause(wait)
    return !this.gone.aborted
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel()
        this.gone.removeEventListener('abort', end)
        resolve()
      }
      const cancel = this.#clock.after(ms, end)
      if (this.gone.aborted) end()
      else this.gone.addEventListener('abort', end, { once: true })
    })
  }

  #waitFor(thrown: unknown, tries: number): number | undefined {
    const longer = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, tries - 1))
    if (!(thrown instanceof ChatRefusal)) return longer
    if (thrown.kind === 'flood') return thrown.waitMs
    if (thrown.kind === 'blocked' || thrown.kind === 'invalid') return undefined
    this.#problem = plain(PROBLEMS[thrown.kind] ?? thrown.message, 200)
    return thrown.kind === 'token' ? LONGEST_WAIT_MS : longer
  }
}

const PROBLEMS: Partial<Record<ChatRefusal['kind'], string>> = {
  token: 'the bot token is not valid',
  taken: 'another program uses this bot',
}

/** Does it, unless the service says that it cannot be done: then there is nothing to do. */
export async function unlessInvalid(what: () => Promise<unknown>): Promise<boolean> {
  try {
    await what()
    return true
  } catch (thrown) {
    if (thrown instanceof ChatRefusal && thrown.kind === 'invalid') return false
    throw thrown
  }
}
