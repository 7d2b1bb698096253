import type { Clock } from '../../base/clock.ts'
import type { Journal } from '../../journal/journal.ts'
import type { DeckEvent, Draft } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import type { Approval } from './types.ts'
import type { Lease } from '../leases/types.ts'

export interface Expiry {
  /** Denies whatever an agent still has waiting, saying why. */
  dropAgent(agent: string, note: string): Promise<void>
  close(): void
}

const RETRY_MS = 1000

/**
 * Expiry means deny. Each waiting approval and each lease has one timer; those found at start are taken up again.
 * Timers are monotonic, and a decision looks at the wall clock as well: a clock that jumps can only shorten a wait.
 */
export function keepExpiry(parts: { journal: Journal; store: Store; clock: Clock }): Expiry {
  const { journal, store, clock } = parts
  const timers = new Map<string, () => void>()
  const pending = store.prepare<[], { row: string }>(
    "SELECT row FROM approval WHERE state = 'pending'",
  )
  const active = store.prepare<[], { row: string }>("SELECT row FROM lease WHERE state = 'active'")

  function approvalEnds(id: string, agent: string, note: string): Promise<unknown> {
    return journal.append(() =>
      journal.rows.get<Approval>('approval', id)?.state === 'pending'
        ? [
            {
              type: 'approval.expired',
              actor: 'supervisor',
              subject: agent,
              body: { id, note },
            } satisfies Draft,
          ]
        : [],
    )
  }

  function leaseEnds(lease: Lease): Promise<unknown> {
    return journal.append(() =>
      journal.rows.get<Lease>('lease', lease.id)?.state === 'active'
        ? [
            {
              type: 'lease.expired',
              actor: 'supervisor',
              subject: lease.agent === '*' ? '' : lease.agent,
              body: { id: lease.id },
            } satisfies Draft,
          ]
        : [],
    )
  }

  /** What cannot be written down now (a full disk) is tried again: until then a decision still sees that time is up. */
  function later(id: string, ms: number, end: () => Promise<unknown>): void {
    timers.set(
      id,
      clock.after(ms, () => {
        timers.delete(id)
        end().catch(() => later(id, RETRY_MS, end))
      }),
    )
  }

  /** What is left, and never more than there was: the clock may have been set back while nobody counted. */
  const left = (from: number, until: number): number => Math.min(until - clock.now(), until - from)

  const watchApproval = (id: string, agent: string, ms: number) =>
    later(id, ms, () => approvalEnds(id, agent, 'nobody decided in time'))
  const watchLease = (lease: Lease) =>
    later(lease.id, left(lease.grantedAt, lease.expiresAt), () => leaseEnds(lease))
  const forget = (id: string) => {
    timers.get(id)?.()
    timers.delete(id)
  }

  const unfollow = journal.follow((commit) => {
    for (const event of commit.events) {
      if (event.type === 'approval.requested') {
        const { id, expiresAt } = (event as DeckEvent<'approval.requested'>).body
        watchApproval(id, event.subject, left(event.at, expiresAt))
      }
      if (event.type === 'lease.granted')
        watchLease((event as DeckEvent<'lease.granted'>).body.lease)
      if (
        event.type === 'approval.decided' ||
        event.type === 'approval.expired' ||
        event.type === 'lease.revoked'
      )
        forget((event as DeckEvent<'lease.revoked'>).body.id)
    }
  })
  for (const { row } of pending.all()) {
    const a = JSON.parse(row) as Approval
    watchApproval(a.id, a.agent, left(a.askedAt, a.expiresAt))
  }
  for (const { row } of active.all()) watchLease(JSON.parse(row) as Lease)

  return {
    async dropAgent(agent, note) {
      const waiting = pending
        .all()
        .map(({ row }) => JSON.parse(row) as Approval)
        .filter((a) => a.agent === agent)
      await Promise.all(waiting.map((a) => approvalEnds(a.id, agent, note)))
    },
    close() {
      unfollow()
      for (const cancel of timers.values()) cancel()
      timers.clear()
    },
  }
}
