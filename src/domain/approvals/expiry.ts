import type { Clock } from '../../base/clock.ts'
import type { Journal } from '../../journal/journal.ts'
import type { DeckEvent, Draft } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import { expiredDraft } from './drafts.ts'
import { NOBODY_DECIDED } from './rules.ts'
import type { Approval } from './types.ts'
import type { Lease } from '../leases/types.ts'

interface ExpiryParts {
  journal: Journal
  store: Store
  clock: Clock
}

const RETRY_MS = 1000

/**
 * Ends approvals and leases when their time is over; an expired approval means deny. Each has one
 * timer, also those that exist already when this starts. Decisions read the clock as well, so one
 * that was set forward ends them before their timers.
 */
export class Expiry implements AsyncDisposable {
  readonly #parts: ExpiryParts
  readonly #timers = new Map<string, () => void>()
  readonly #pendingApprovals: () => Approval[]
  readonly #unfollow: () => void

  constructor(parts: ExpiryParts) {
    const { journal, store } = parts
    this.#parts = parts
    const pending = store.prepare<[], { row: string }>(
      "SELECT row FROM approval WHERE state = 'pending'",
    )
    const active = store.prepare<[], { row: string }>(
      "SELECT row FROM lease WHERE state = 'active'",
    )
    this.#pendingApprovals = () => pending.all().map(({ row }) => JSON.parse(row) as Approval)
    this.#unfollow = journal.follow(({ events }) => this.#follow(events))
    for (const { id, agent, expiresAt, heldSince } of this.#pendingApprovals())
      if (heldSince === undefined) this.#watchApproval(id, agent, expiresAt)
    for (const { row } of active.all()) this.#watchLease(JSON.parse(row) as Lease)
  }

  /** Denies everything that an agent is waiting for. */
  async dropAgent(agent: string, note: string): Promise<void> {
    const waiting = this.#pendingApprovals().filter((approval) => approval.agent === agent)
    await Promise.all(waiting.map(({ id }) => this.#endApproval(id, agent, note)))
  }

  /** Events that deny everything that waits. */
  endings(note: string): Draft[] {
    return this.#pendingApprovals().map((approval) => expiredDraft(approval, note))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow()
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
  }

  #follow(events: readonly DeckEvent[]): void {
    for (const event of events) {
      if (event.type === 'approval.requested') {
        const { id, expiresAt } = (event as DeckEvent<'approval.requested'>).body
        this.#watchApproval(id, event.subject, expiresAt)
      }
      if (event.type === 'approval.resumed') {
        const { id, expiresAt } = (event as DeckEvent<'approval.resumed'>).body
        this.#watchApproval(id, event.subject, expiresAt)
      }
      if (event.type === 'lease.granted')
        this.#watchLease((event as DeckEvent<'lease.granted'>).body.lease)
      if (ENDINGS.has(event.type)) this.#cancel((event as DeckEvent<'lease.revoked'>).body.id)
    }
  }

  #watchApproval(id: string, agent: string, expiresAt: number): void {
    this.#schedule(id, this.#timeLeft(expiresAt), () => this.#runOut({ id, agent, expiresAt }))
  }

  #watchLease(lease: Lease): void {
    this.#schedule(lease.id, this.#timeLeft(lease.expiresAt), () => this.#endLease(lease))
  }

  #timeLeft(until: number): number {
    return until - this.#parts.clock.now()
  }

  /**
   * Retries an end that cannot be journalled, as on a full disk. Decisions see the expiry anyway.
   */
  #schedule(id: string, ms: number, end: () => Promise<unknown>): void {
    const cancel = this.#parts.clock.after(ms, () => {
      this.#timers.delete(id)
      end().catch(() => this.#schedule(id, RETRY_MS, end))
    })
    this.#timers.set(id, cancel)
  }

  #cancel(id: string): void {
    this.#timers.get(id)?.()
    this.#timers.delete(id)
  }

  /** Its time is over, unless it was held or got more in the meantime. */
  #runOut(due: Pick<Approval, 'id' | 'agent' | 'expiresAt'>): Promise<unknown> {
    const { journal } = this.#parts
    return journal.append((): Draft[] => {
      const now = journal.rows.get<Approval>('approval', due.id)
      if (now?.state !== 'pending' || now.heldSince !== undefined) return []
      return now.expiresAt === due.expiresAt ? [expiredDraft(due, NOBODY_DECIDED)] : []
    })
  }

  #endApproval(id: string, agent: string, note: string): Promise<unknown> {
    const { journal } = this.#parts
    return journal.append((): Draft[] =>
      journal.rows.get<Approval>('approval', id)?.state === 'pending'
        ? [expiredDraft({ id, agent }, note)]
        : [],
    )
  }

  #endLease({ id, agent }: Lease): Promise<unknown> {
    const { journal } = this.#parts
    const subject = agent === '*' ? '' : agent
    return journal.append((): Draft[] =>
      journal.rows.get<Lease>('lease', id)?.state === 'active'
        ? [{ type: 'lease.expired', actor: 'supervisor', subject, body: { id } }]
        : [],
    )
  }
}

const ENDINGS: ReadonlySet<string> = new Set([
  'approval.decided',
  'approval.expired',
  'approval.held',
  'lease.revoked',
])
