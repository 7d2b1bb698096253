import type { Clock } from '../../../base/clock.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Presences } from '../agents/presence.ts'
import { apiAgentName } from '../agents/rules.ts'
import { INVALIDATION } from '../assumptions/rules.ts'
import type { Org, OrgService } from '../orgs/types.ts'
import { recordName } from '../records/noun.ts'
import type { RecordStore } from '../records/service.ts'
import { HOUR, MINUTE, sinceTime } from '../times.ts'
import type { SignalBoard } from './board.ts'
import type { SignalDesk } from './desk.ts'
import { INTEL } from './intel-records.ts'
import type { SignalReader } from './reader.ts'
import { signalFingerprint } from './rules.ts'
import type { GovernanceSignal } from './types.ts'

const KIND = 'signal'
const LOOKED_EVERY = MINUTE
/** So soon after something happened that signals go by. */
const LOOKED_SOON = 5000
/** A signal that comes back sooner was never gone. */
const BACK_WITHIN = HOUR
const MOST_ACTIVE = 5000

/** A signal as it is kept: from when to when it was seen. */
interface KeptSignal extends GovernanceSignal {
  id: string
  status: 'active' | 'cleared'
  first_seen: string
  last_seen: string
}

interface WatchParts {
  journal: Pick<Journal, 'follow'>
  signals: SignalReader
  desk: Pick<SignalDesk, 'show'>
  board: SignalBoard
  records: RecordStore
  orgs: Pick<OrgService, 'list'>
  presences: Presences
  clock: Clock
}

/** Kinds of records that signals go by. */
const MATTERS: ReadonlySet<string> = new Set([
  'loop',
  'assumption',
  'connection',
  'session',
  INVALIDATION,
  INTEL,
])

/**
 * Looks which signals each organisation has: every minute, and soon after something happened that
 * matters. Consoles are shown what there is. One that is new is recorded, which tells clients and
 * webhooks; one that stays is not told again. It runs while the API is open.
 */
export class SignalWatch implements Disposable {
  readonly #parts: WatchParts
  #cancel: () => void = () => undefined
  #unfollow: () => void = () => undefined
  /** When the next look is due; `Infinity` while there is one. */
  #dueAt = Infinity
  /** Counts starts and stops, so that what an earlier start began ends. */
  #round = 0

  constructor(parts: WatchParts) {
    this.#parts = parts
  }

  /** Begins: from now on agents can be heard. */
  start(log: (what: string) => void): void {
    this.stop()
    const { presences, board, journal } = this.#parts
    presences.listen()
    board.open()
    const round = this.#round
    this.#unfollow = journal.follow(({ touched }) => {
      const isLater = this.#dueAt > this.#parts.clock.now() + LOOKED_SOON
      if (isLater && this.#dueAt < Infinity && touched.some(matters))
        this.#wait(round, log, LOOKED_SOON)
    })
    void this.#look(round, log)
  }

  stop(): void {
    this.#round++
    this.#cancel()
    this.#unfollow()
    this.#dueAt = Infinity
    this.#parts.board.close()
  }

  [Symbol.dispose](): void {
    this.stop()
  }

  #wait(round: number, log: (what: string) => void, ms: number): void {
    if (round !== this.#round) return
    const { clock } = this.#parts
    this.#cancel()
    this.#dueAt = clock.now() + ms
    this.#cancel = clock.after(ms, () => void this.#look(round, log))
  }

  async #look(round: number, log: (what: string) => void): Promise<void> {
    this.#dueAt = Infinity
    for (const org of this.#parts.orgs.list()) {
      if (round !== this.#round) return
      await this.#keep(org).catch((thrown: unknown) => {
        log(`signals of ${org.id}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
      })
    }
    this.#wait(round, log, LOOKED_EVERY)
  }

  async #keep(of: Org): Promise<void> {
    const { signals, desk, records } = this.#parts
    const { id: org, slug } = of
    const found = signals.live(org)
    desk.show(of, found)
    const live = new Map(found.map((signal) => [signalFingerprint(signal), signal]))
    const query = { status: 'active', limit: MOST_ACTIVE }
    const known = new Map(
      records.find<KeptSignal>(org, KIND, query).map((signal) => [signal.id, signal]),
    )
    const gone = [...known.values()].filter(({ id }) => !live.has(id))
    const changed = [...live].filter(([id, { severity }]) => known.get(id)?.severity !== severity)
    await Promise.all([
      ...gone.map((signal) => this.#clear(org, slug, signal)),
      ...changed.map(([id, signal]) => this.#note(org, slug, { id, signal })),
    ])
  }

  #author(org: string, slug: string, { agent_id: agent }: GovernanceSignal) {
    return { org, actor: 'supervisor', subject: agent === null ? '' : apiAgentName(slug, agent) }
  }

  #note(
    org: string,
    slug: string,
    { id, signal }: { id: string; signal: GovernanceSignal },
  ): Promise<void> {
    return this.#parts.records.write(this.#author(org, slug, signal), (changes) => {
      const { now } = changes
      const before = changes.get<KeptSignal>(KIND, id)
      const seen = { ...signal, status: 'active', last_seen: now }
      const isBack =
        before !== undefined &&
        (before.status === 'active' || sinceTime(before.last_seen, Date.parse(now)) < BACK_WITHIN)
      if (isBack) changes.change(KIND, id, seen)
      else
        changes.make(KIND, id, {
          id,
          org_id: org,
          ...seen,
          first_seen: before?.first_seen ?? now,
          created_at: now,
        })
    })
  }

  #clear(org: string, slug: string, signal: KeptSignal): Promise<void> {
    return this.#parts.records.write(this.#author(org, slug, signal), (changes) =>
      changes.change(KIND, signal.id, { status: 'cleared', last_seen: changes.now }),
    )
  }
}

/** Whether signals may be others now that this row was written. */
function matters({ table, id }: { table: string; id: string }): boolean {
  return table === 'ledger' || (table === 'record' && MATTERS.has(recordName(id).kind))
}
