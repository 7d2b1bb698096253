import type { Clock } from '../../../base/clock.ts'
import type { Presences } from '../agents/presence.ts'
import { apiAgentName } from '../agents/rules.ts'
import type { OrgService } from '../orgs/types.ts'
import type { RecordStore } from '../records/service.ts'
import { HOUR, MINUTE, sinceTime } from '../times.ts'
import type { SignalReader } from './reader.ts'
import { signalFingerprint } from './rules.ts'
import type { GovernanceSignal } from './types.ts'

const KIND = 'signal'
const LOOKED_EVERY = MINUTE
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
  signals: SignalReader
  records: RecordStore
  orgs: Pick<OrgService, 'list'>
  presences: Presences
  clock: Clock
}

/**
 * Looks every minute which signals each organisation has. One that is new is recorded, which tells
 * clients and webhooks; one that stays is not told again. It runs while the API is open.
 */
export class SignalWatch implements Disposable {
  readonly #parts: WatchParts
  #cancel: () => void = () => undefined
  /** Counts starts and stops, so that what an earlier start began ends. */
  #round = 0

  constructor(parts: WatchParts) {
    this.#parts = parts
  }

  /** Begins: from now on agents can be heard. */
  start(log: (what: string) => void): void {
    this.stop()
    this.#parts.presences.listen()
    this.#wait(this.#round, log)
  }

  stop(): void {
    this.#round++
    this.#cancel()
  }

  [Symbol.dispose](): void {
    this.stop()
  }

  #wait(round: number, log: (what: string) => void): void {
    if (round !== this.#round) return
    this.#cancel = this.#parts.clock.after(LOOKED_EVERY, () => void this.#look(round, log))
  }

  async #look(round: number, log: (what: string) => void): Promise<void> {
    for (const { id, slug } of this.#parts.orgs.list()) {
      if (round !== this.#round) return
      await this.#keep(id, slug).catch((thrown: unknown) => {
        log(`signals of ${id}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
      })
    }
    this.#wait(round, log)
  }

  async #keep(org: string, slug: string): Promise<void> {
    const { signals, records } = this.#parts
    const live = new Map(signals.live(org).map((signal) => [signalFingerprint(signal), signal]))
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
