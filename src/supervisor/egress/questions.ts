import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { Guard } from '../../domain/approvals/guard.ts'
import type { Answer } from '../../domain/approvals/types.ts'
import type { Question } from '../../domain/policy/types.ts'

/** How long what a person allowed may be used when nobody waited for it any more. */
const UNUSED_MS = 600_000
/** So long an answer also counts for whoever asks the same: programs open many connections. */
const SAME_MS = 2000
/** One wait at the guard; it is repeated. */
const WAIT_MS = 60_000

interface QuestionParts {
  agent: string
  guard: Guard
  use: (id: string) => Promise<void>
  clock: Clock
}

/** What became of a question to a person. */
export interface Decided {
  answer: Answer
  /** Whether a flow may begin by it. */
  isAllowed: boolean
}

/** A question that was asked. */
interface Asked {
  id: Promise<string>
  decided: Promise<Decided>
  /** Its id, once it is decided. */
  settled: string | undefined
}

interface Unused {
  id: string
  until: number
}

/**
 * Questions of one agent that people decide. The same question is asked once, and its answer counts
 * for all who wait for it. What is allowed when nobody waits any more counts for the next one who
 * asks the same; only what was decided while this supervisor runs does.
 */
export class Questions {
  readonly #parts: QuestionParts
  readonly #waiting = new Map<string, Asked>()
  /** Who waits, by question. */
  readonly #askers = new Map<string, number>()
  readonly #unused = new Map<string, Unused>()
  readonly #closed = new AbortController()

  constructor(parts: QuestionParts) {
    this.#parts = parts
  }

  /** What a person allowed and nobody used yet. It is used by this. */
  async take(target: string): Promise<string | undefined> {
    const unused = this.#unused.get(target)
    this.#unused.delete(target)
    if (unused === undefined || this.#parts.clock.now() >= unused.until) return undefined
    await this.#parts.use(unused.id)
    return unused.id
  }

  /** Nobody is answered any more. */
  close(): void {
    this.#closed.abort()
    this.#unused.clear()
  }

  /** What was taken back allows nothing. */
  forget(id: string): void {
    for (const [target, unused] of this.#unused) if (unused.id === id) this.#unused.delete(target)
    for (const [target, known] of this.#waiting)
      if (known.settled === id) this.#waiting.delete(target)
  }

  /**
   * Asks, or joins whoever asked the same. Resolves with the decision, or with the id of the
   * question when the signal is aborted before.
   */
  async ask(question: Question, signal: AbortSignal): Promise<Decided | { waits: string }> {
    const { target } = question
    const known = this.#waiting.get(target) ?? this.#begin(question)
    this.#askers.set(target, (this.#askers.get(target) ?? 0) + 1)
    try {
      return await orAborted(known.decided, signal, known.id)
    } finally {
      const left = (this.#askers.get(target) ?? 1) - 1
      if (left > 0) this.#askers.set(target, left)
      else this.#askers.delete(target)
    }
  }

  #begin(question: Question): Asked {
    const { agent, guard } = this.#parts
    const { target } = question
    const asked = guard.ask(agent, question)
    const id = asked.then((answer) => answer.id)
    const decided = asked
      .then((answer) => this.#untilDecided(answer))
      .then((answer) => this.#settle(target, answer))
    const known: Asked = { id, decided, settled: undefined }
    this.#waiting.set(target, known)
    const over = () => {
      if (this.#waiting.get(target) === known) this.#waiting.delete(target)
    }
    id.catch(() => undefined)
    decided.then(({ answer }) => {
      known.settled = answer.id
      if (this.#unused.get(target)?.id === answer.id) over()
      else this.#parts.clock.after(SAME_MS, over)
    }, over)
    return known
  }

  async #untilDecided(first: Answer): Promise<Answer> {
    const { agent, guard } = this.#parts
    let answer = first
    const { signal } = this.#closed
    while (answer.pending) {
      if (signal.aborted) throw new Fault('supervisor.stopping', 'the gate is closed')
      answer = await guard.wait(agent, answer.id, WAIT_MS, signal)
    }
    return answer
  }

  async #settle(target: string, answer: Answer): Promise<Decided> {
    const { use, clock } = this.#parts
    const isAllowed =
      (answer.decision === 'allow' || answer.decision === 'warn') && answer.edited === null
    if (!isAllowed || !answer.id.startsWith('apr_')) return { answer, isAllowed }
    if ((this.#askers.get(target) ?? 0) > 0) await use(answer.id)
    else this.#unused.set(target, { id: answer.id, until: clock.now() + UNUSED_MS })
    return { answer, isAllowed }
  }
}

function orAborted(
  decided: Promise<Decided>,
  signal: AbortSignal,
  id: Promise<string>,
): Promise<Decided | { waits: string }> {
  const aborted = Promise.withResolvers<{ waits: string }>()
  const abort = () => void id.then((waits) => aborted.resolve({ waits }), aborted.reject)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  return Promise.race([decided, aborted.promise]).finally(() =>
    signal.removeEventListener('abort', abort),
  )
}
