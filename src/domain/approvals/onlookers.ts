import { Fault } from '../../base/fault.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Approval, Looking, OnlookerService } from './types.ts'

/** Questions that one operator can have open at once, in all of their consoles. */
const MOST_EACH = 16
/** Names that are told of one question. */
const MOST_NAMED = 8

/** A question that somebody has open. */
interface Look {
  operator: string
}

/**
 * Who has which question open, in a console. It is known only while it is so, and not journalled:
 * it tells others that somebody is about to decide.
 */
export class Onlookers implements OnlookerService {
  readonly #journal: Pick<Journal, 'rows'>
  readonly #looks = new Map<string, { agent: string; looks: Set<Look> }>()
  readonly #counts = new Map<string, number>()
  readonly #listeners: ((id: string, row: Looking | null) => void)[] = []

  constructor(journal: Pick<Journal, 'rows'>) {
    this.#journal = journal
  }

  async *look(
    id: string,
    operator: string,
    signal: AbortSignal,
  ): AsyncGenerator<{ looking: string }> {
    const approval = this.#journal.rows.get<Approval>('approval', id)
    if (approval?.state !== 'pending') throw new Fault('approval.unknown', `${id} does not wait`)
    const count = this.#counts.get(operator) ?? 0
    if (count >= MOST_EACH)
      throw new Fault('not.possible', `${operator} has ${count} questions open already`)
    const look = { operator }
    this.#counts.set(operator, count + 1)
    const { looks } = this.#at(id, approval.agent)
    looks.add(look)
    this.#tell(id)
    try {
      yield { looking: id }
      await aborted(signal)
    } finally {
      this.#counts.set(operator, (this.#counts.get(operator) ?? 1) - 1)
      if (this.#counts.get(operator) === 0) this.#counts.delete(operator)
      looks.delete(look)
      if (looks.size === 0) this.#looks.delete(id)
      this.#tell(id)
    }
  }

  /** Who has which question open now. */
  rows(): Looking[] {
    return [...this.#looks.keys()].flatMap((id) => this.#row(id) ?? [])
  }

  /** Calls when somebody opened or left a question; null if nobody has it open now. */
  onChange(listener: (id: string, row: Looking | null) => void): void {
    this.#listeners.push(listener)
  }

  #at(id: string, agent: string): { agent: string; looks: Set<Look> } {
    const known = this.#looks.get(id) ?? { agent, looks: new Set() }
    this.#looks.set(id, known)
    return known
  }

  #row(id: string): Looking | undefined {
    const known = this.#looks.get(id)
    if (known === undefined) return undefined
    const operators = [...new Set([...known.looks].map(({ operator }) => operator))]
    return { id, agent: known.agent, operators: operators.slice(0, MOST_NAMED) }
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id, this.#row(id) ?? null)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
