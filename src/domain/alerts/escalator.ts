import type { Clock } from '../../base/clock.ts'
import { isHeldBack, type QuietHours } from '../../base/quiet-hours.ts'
import type { Journal } from '../../journal/journal.ts'
import type { DeckEvent, Draft } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import { NOBODY_DECIDED } from '../approvals/rules.ts'
import { timeLeft } from '../approvals/holding/rules.ts'
import type { Approval } from '../approvals/types.ts'
import type { HeldBack } from './noun.ts'
import { dueStep, questionOf, stepAt } from './rules.ts'
import type { Escalation, EscalationStep, QuietSummary } from './types.ts'

export interface EscalatorParts {
  journal: Journal
  store: Store
  clock: Clock
  /** The last event of the supervisor before this one. */
  inherited: number
  /** Whom to tell, one after the other. */
  steps: readonly EscalationStep[]
  quiet: { hours: QuietHours; urgentRisk: number }
}

type WaitingQuestion = Pick<Approval, 'id' | 'askedAt' | 'expiresAt' | 'heldSince' | 'heldMs'>

const RETRY_MS = 1000

/** The timer of what is told when quiet hours end. */
const SUMMARY = 'summary'

/**
 * Takes the steps of a question's chain until somebody decides, and says when nobody did. In quiet
 * hours, what is not urgent is kept for one summary at their end. Each step is an event before
 * anybody is told.
 */
export class Escalator implements AsyncDisposable {
  readonly #parts: EscalatorParts
  readonly #timers = new Map<string, () => void>()
  #unfollow = (): void => undefined

  constructor(parts: EscalatorParts) {
    this.#parts = parts
  }

  /** Goes on with all that waits, as it was when the last supervisor ended. */
  start(): void {
    const { journal, store, steps, inherited } = this.#parts
    const rows = <T>(sql: string) =>
      store
        .prepare<[], string>(sql)
        .pluck()
        .all()
        .map((row) => JSON.parse(row) as T)
    if (steps.length > 0) {
      this.#unfollow = journal.follow(({ events }) => this.#hear(events))
      for (const approval of rows<Approval>("SELECT row FROM approval WHERE state = 'pending'"))
        this.#await(approval)
    }
    const over = rows<Escalation>('SELECT row FROM escalation').filter((row) => row.over)
    // Their time ended in this start, before this heard of events.
    const unsaid = steps.length > 0 ? unsaidSince(store, inherited) : []
    for (const id of new Set([...over.map((row) => row.id), ...unsaid]))
      this.#soon(id, 0, () => this.#sayUnanswered(id))
    if (this.#held().length > 0) this.#awaitEndOfQuiet()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow()
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
  }

  #hear(events: readonly DeckEvent[]): void {
    for (const event of events) {
      if (event.type === 'approval.requested') {
        const { id, expiresAt } = (event as DeckEvent<'approval.requested'>).body
        this.#await({ id, askedAt: event.at, expiresAt })
      }
      if (event.type === 'approval.held')
        this.#cancel((event as DeckEvent<'approval.held'>).body.id)
      if (event.type === 'approval.resumed') this.#resumed(event as DeckEvent<'approval.resumed'>)
      if (event.type === 'approval.decided')
        this.#cancel((event as DeckEvent<'approval.decided'>).body.id)
      if (event.type === 'approval.expired') {
        const { id, note } = (event as DeckEvent<'approval.expired'>).body
        this.#cancel(id)
        if (note === NOBODY_DECIDED) this.#soon(id, 0, () => this.#sayUnanswered(id))
      }
      if (event.type === 'alert.held') this.#awaitEndOfQuiet()
    }
  }

  #resumed({ body: { id } }: DeckEvent<'approval.resumed'>): void {
    const approval = this.#parts.journal.rows.get<Approval>('approval', id)
    if (approval?.state === 'pending') this.#await(approval)
  }

  /** Waits for the next step of a question, if it is not held. */
  #await(approval: WaitingQuestion): void {
    const { id, askedAt, expiresAt, heldSince, heldMs = 0 } = approval
    if (heldSince !== undefined) return
    const { clock, journal, steps } = this.#parts
    const taken = journal.rows.get<Escalation>('escalation', id)?.step ?? 0
    const at = stepAt(steps, taken, askedAt + heldMs)
    if (at === undefined || at >= expiresAt) return
    this.#soon(id, at - clock.now(), () => this.#escalate(id))
  }

  /** What cannot be journalled, as on a full disk, is tried again. */
  #soon(id: string, ms: number, act: () => Promise<unknown>): void {
    this.#cancel(id)
    const due = (): void => {
      this.#timers.delete(id)
      act().catch(() => this.#soon(id, RETRY_MS, act))
    }
    if (ms <= 0) due()
    else this.#timers.set(id, this.#parts.clock.after(ms, due))
  }

  #cancel(id: string): void {
    this.#timers.get(id)?.()
    this.#timers.delete(id)
  }

  async #escalate(id: string): Promise<void> {
    const { journal, clock, steps } = this.#parts
    await journal.append((): Draft[] => {
      const approval = journal.rows.get<Approval>('approval', id)
      const now = clock.now()
      if (approval?.state !== 'pending' || timeLeft(approval, now) <= 0) return []
      if (approval.heldSince !== undefined) return []
      const taken = journal.rows.get<Escalation>('escalation', id)?.step ?? 0
      const due = dueStep(steps, taken, now - approval.askedAt - (approval.heldMs ?? 0))
      if (due === undefined) return []
      const { number: step, to } = due
      const common = { actor: 'supervisor', subject: approval.agent }
      if (this.#isHeldBack(approval, now))
        return [{ ...common, type: 'alert.held', body: { id, step, to } }]
      const question = questionOf(approval)
      const body = { id, step, of: steps.length, to, question }
      return [{ ...common, type: 'approval.escalated', body }]
    })
    const approval = journal.rows.get<Approval>('approval', id)
    if (approval?.state === 'pending') this.#await(approval)
  }

  /** Tells whom the last step names that a question expired. */
  async #sayUnanswered(id: string): Promise<void> {
    const { journal, clock, steps } = this.#parts
    await journal.append((): Draft[] => {
      const approval = journal.rows.get<Approval>('approval', id)
      if (approval?.state !== 'expired') return []
      const common = { actor: 'supervisor', subject: approval.agent }
      const to = steps.at(-1)?.to ?? []
      const question = questionOf(approval)
      if (to.length === 0 || !this.#isHeldBack(approval, clock.now()))
        return [{ ...common, type: 'approval.unanswered', body: { id, to, question } }]
      return [
        { ...common, type: 'alert.held', body: { id, step: steps.length, to } },
        { ...common, type: 'approval.unanswered', body: { id, to: [], question } },
      ]
    })
  }

  #isHeldBack({ risk }: Approval, now: number): boolean {
    return isHeldBack(this.#parts.quiet, risk.score, now)
  }

  #held(): HeldBack[] {
    return this.#parts.store
      .prepare<[], string>('SELECT row FROM held_alert ORDER BY id')
      .pluck()
      .all()
      .map((row) => JSON.parse(row) as HeldBack)
  }

  #awaitEndOfQuiet(): void {
    if (this.#timers.has(SUMMARY)) return
    const { clock, quiet } = this.#parts
    const now = clock.now()
    const wait = (quiet.hours.endsAt(now) ?? now) - now
    this.#soon(SUMMARY, wait, () => this.#summarise())
  }

  async #summarise(): Promise<void> {
    const { journal, clock, quiet } = this.#parts
    if (quiet.hours.isQuiet(clock.now())) return this.#awaitEndOfQuiet()
    await journal.append(() =>
      this.#held().map((held): Draft => {
        const body = { to: [held.id], ...this.#summaryOf(held) }
        return { type: 'alert.summarised', actor: 'supervisor', subject: '', body }
      }),
    )
  }

  #summaryOf({ approvals, count }: HeldBack): QuietSummary {
    const states = approvals.map(
      (id) => this.#parts.journal.rows.get<Approval>('approval', id)?.state,
    )
    return {
      asked: count,
      waiting: states.filter((state) => state === 'pending').length,
      unanswered: states.filter((state) => state === 'expired').length,
    }
  }
}

/** Questions that expired after this event, and of which nobody was told. */
function unsaidSince(store: Store, seq: number): string[] {
  return store
    .prepare<[number, string], string>(
      `SELECT DISTINCT body ->> 'id' FROM event AS over
        WHERE type = 'approval.expired' AND seq > ? AND body ->> 'note' = ?
        AND NOT EXISTS (SELECT 1 FROM event AS told WHERE told.subject = over.subject
          AND told.type = 'approval.unanswered' AND told.seq > over.seq
          AND told.body ->> 'id' = over.body ->> 'id')`,
    )
    .pluck()
    .all(seq, NOBODY_DECIDED)
}
