import type { Watch } from '../../commands/deck.ts'
import type { DeckFacts, World, WorldFrame } from '../../commands/wire.ts'
import type { Journal } from '../../journal/journal.ts'
import { asEvent, type eventReader } from '../../journal/read.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { PodUsage } from '../../ports/pods.ts'
import { Touched, type RowMirror } from './mirrors.ts'

/**
 * A delta follows the one before after so long at the earliest, and tells all commits since: well
 * under a frame, far above a commit. What comes alone is told at once.
 */
const GATHER_MS = 8
/** A delta tells at most so many events; a reader of a screen cannot see more. */
const MOST_EVENTS = 400
/** The latest events that a console starts with. */
const EVENTS_AT_FIRST = 200

export interface WorldParts {
  journal: Journal
  read: ReturnType<typeof eventReader>
  facts: () => DeckFacts
  mirrors: readonly RowMirror[]
  /** How many rules there are in each state: told whenever that changed. */
  ruleCounts: () => DeckFacts['rules']
  usage: () => Record<string, PodUsage>
  /** What of an event's body screens are not sent. */
  forScreens: (event: DeckEvent) => DeckEvent
  /** The agent that a mirrored row belongs to. */
  agentOf: WorldFeed['agentOf']
}

export interface WorldFeed extends Watch {
  pulse(frame: Omit<Extract<WorldFrame, { kind: 'pulse' }>, 'kind'>): void
  /** Mirrored rows changed outside of the journal's tables. */
  changed(rows?: readonly WorldRowChange[]): void
  followers(): number
  close(reason: string): void
}

type WorldRowChange = Extract<WorldFrame, { kind: 'delta' }>['rows'][number]

/**
 * Tells doors what changed: gathered, serialised once, sent to all. With nobody looking it costs
 * nothing.
 */
export function worldFeed(parts: WorldParts): WorldFeed {
  return new Feed(parts)
}

class Feed implements WorldFeed {
  readonly #parts: WorldParts
  readonly #takers = new Set<(line: string) => void>()
  readonly #unfollow: () => void
  #events: DeckEvent[] = []
  #touched = new Touched()
  #rows: WorldRowChange[] = []
  #timer: NodeJS.Timeout | undefined
  #toldAt = -Infinity
  #counts = ''

  constructor(parts: WorldParts) {
    this.#parts = parts
    this.#unfollow = parts.journal.follow((commit) => {
      if (this.#takers.size === 0) return
      for (const event of commit.events) this.#events.push(event)
      for (const { table, id } of commit.touched) this.#touched.add(table, id)
      this.#soon()
    })
  }

  snapshot(): World {
    const { journal, read, facts, mirrors, usage, forScreens } = this.#parts
    return {
      seq: journal.head().seq,
      deck: facts(),
      rows: Object.fromEntries(mirrors.map((mirror) => [mirror.noun, mirror.snapshot()])),
      events: read.latest(EVENTS_AT_FIRST).map((stored) => forScreens(asEvent(stored))),
      usage: usage(),
    }
  }

  agentOf(noun: string, row: object): string | undefined {
    return this.#parts.agentOf(noun, row)
  }

  follow(take: (line: string) => void): () => void {
    this.#takers.add(take)
    return () => {
      this.#takers.delete(take)
    }
  }

  pulse(frame: Omit<Extract<WorldFrame, { kind: 'pulse' }>, 'kind'>): void {
    if (this.#takers.size > 0) this.#tell({ kind: 'pulse', ...frame })
  }

  changed(rows: readonly WorldRowChange[] = []): void {
    if (this.#takers.size === 0) return
    this.#rows.push(...rows)
    this.#soon()
  }

  followers(): number {
    return this.#takers.size
  }

  close(reason: string): void {
    this.#unfollow()
    clearTimeout(this.#timer)
    this.#tell({ kind: 'bye', reason })
    this.#takers.clear()
  }

  #soon(): void {
    this.#timer ??= setTimeout(
      () => this.#flush(),
      Math.max(0, this.#toldAt + GATHER_MS - performance.now()),
    )
  }

  #flush(): void {
    const { journal, mirrors, forScreens } = this.#parts
    const [events, touched, rows] = [this.#events, this.#touched, this.#rows]
    this.#timer = undefined
    this.#toldAt = performance.now()
    this.#events = []
    this.#touched = new Touched()
    this.#rows = []
    this.#tell({
      kind: 'delta',
      seq: journal.head().seq,
      events: events.slice(-MOST_EVENTS).map(forScreens),
      rows: [...rows, ...mirrors.flatMap((mirror) => mirror.changes(touched))],
    })
    this.#tellCounts()
  }

  #tellCounts(): void {
    const rules = this.#parts.ruleCounts()
    const now = JSON.stringify(rules)
    if (now !== this.#counts) this.#tell({ kind: 'pulse', deck: { rules } })
    this.#counts = now
  }

  #tell(frame: WorldFrame): void {
    const line = `${JSON.stringify(frame)}\n`
    for (const take of this.#takers) take(line)
  }
}
