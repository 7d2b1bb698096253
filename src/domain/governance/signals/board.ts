import type { DeskSignal } from './types.ts'

/** Signals of one organisation that consoles are shown, red ones first. */
const MOST_SHOWN = 100

type Listener = (changes: { id: string; row: DeskSignal | null }[]) => void

/** The signals that were found last, of every organisation. Empty while nobody looks for them. */
export class SignalBoard {
  #of: Map<string, Map<string, DeskSignal>> | undefined
  readonly #listeners: Listener[] = []

  rows(): DeskSignal[] {
    return [...(this.#of?.values() ?? [])].flatMap((signals) => [...signals.values()])
  }

  /** From now on somebody looks. */
  open(): void {
    this.#of ??= new Map()
  }

  /** Nobody looks any more, so that nothing is known. */
  close(): void {
    const gone = this.rows()
    this.#of = undefined
    this.#tell(gone.map(({ id }) => ({ id, row: null })))
  }

  /** What was found for an organisation. Ignored while nobody looks: it would be shown for ever. */
  put(org: string, found: readonly DeskSignal[]): void {
    if (this.#of === undefined) return
    const before = this.#of.get(org) ?? new Map<string, DeskSignal>()
    const now = new Map(found.slice(0, MOST_SHOWN).map((signal) => [signal.id, signal]))
    this.#of.set(org, now)
    this.#tell([
      ...[...before.keys()].filter((id) => !now.has(id)).map((id) => ({ id, row: null })),
      ...[...now]
        .filter(([id, signal]) => !isSame(before.get(id), signal))
        .map(([id, row]) => ({ id, row })),
    ])
  }

  /** Calls for signals that came, changed or went. */
  onChange(listener: Listener): void {
    this.#listeners.push(listener)
  }

  #tell(changes: Parameters<Listener>[0]): void {
    if (changes.length > 0) for (const listener of this.#listeners) listener(changes)
  }
}

function isSame(a: DeskSignal | undefined, b: DeskSignal): boolean {
  return (
    a !== undefined &&
    a.severity === b.severity &&
    a.label === b.label &&
    a.detail === b.detail &&
    a.approval === b.approval
  )
}
