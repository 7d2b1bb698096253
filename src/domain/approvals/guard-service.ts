import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { Journal } from '../../journal/journal.ts'
import type { eventReader } from '../../journal/read.ts'
import type { DeckEvent, Draft } from '../../journal/types.ts'
import type { AgentBounds } from '../agents/types.ts'
import type { PolicyJudge } from '../policy/judge.ts'
import { normalise } from '../policy/normalise.ts'
import type { Action, Risk, Verdict, Question } from '../policy/types.ts'
import { answerOfDecided, answerOfRequested } from './answers.ts'
import type { Askers } from './askers.ts'
import { decidedDraft, reportedDraft, requestedDraft, type JudgedAction } from './drafts.ts'
import { answerTo, findQuestion, lessonOf, type EarlierQuestion } from './earlier-question.ts'
import type { Guard } from './guard.ts'
import type { Learner } from './learner.ts'
import { ReportedOutcomes, sameOutcome } from './reported-outcomes.ts'
import type { Answer, Approval, Outcome } from './types.ts'
import type { Voters } from '../operators/people/voters.ts'
import { Waiters } from './waiters.ts'

export interface GuardParts {
  journal: Journal
  clock: Clock
  read: ReturnType<typeof eventReader>
  askers: Askers
  judge: PolicyJudge
  learner: Learner
  voters: Voters
  freezes: FrozenAskers
  /** How long an approval waits for a person, in milliseconds. */
  expiryMs: number
}

/** Which agents are frozen, as the guard goes by it. */
export interface FrozenAskers {
  /** Why nothing that somebody asks is decided now; undefined while it is. */
  reasonFor(agent: string): string | undefined
  /** Whether what an agent asks waits until it is thawed, since its pod is paused. */
  isHeld(agent: string): boolean
  /** Resolves when it does not wait any more. */
  whileHeld(agent: string): Promise<void>
}

/** Approvals that may wait for one agent. More are denied, so that no agent floods the queue. */
const MAX_WAITING = 32
/**
 * Bytes of one action in the journal. Escaping can make six bytes of a character, so limits on
 * characters alone do not limit the disk space.
 */
const MAX_ACTION_BYTES = 16 * 1024
/** Refusals at one agent's door are journalled at most this often. */
const REFUSAL_INTERVAL_MS = 10_000

/** What decides about a question besides policies, and what is written down with it. */
interface DecidedBesides {
  /** A verdict that is at least as strict. `seq`: the number of the question's event. */
  besides: (verdict: Verdict, seq: number) => Verdict
  belonging: (decided: Draft<'action.decided' | 'approval.requested'>, verdict: Verdict) => Draft[]
}

const unchanged = (verdict: Verdict): Verdict => verdict
const nothing = (): Draft[] => []

/** Decides what policy can decide, and opens approvals for the rest. */
export class GuardService implements Guard, AsyncDisposable {
  readonly #parts: GuardParts
  readonly #waiters: Waiters
  readonly #reported: ReportedOutcomes
  readonly #refusedAt = new Map<string, number>()
  readonly #unfollow: () => void

  constructor(parts: GuardParts) {
    const { journal, clock } = parts
    this.#parts = parts
    this.#waiters = new Waiters(clock)
    this.#reported = new ReportedOutcomes(journal.head().seq)
    this.#unfollow = journal.follow(({ events }) => {
      for (const event of events)
        if (event.type === 'approval.decided' || event.type === 'approval.expired')
          this.#waiters.wake((event as DeckEvent<'approval.decided'>).body.id)
    })
  }

  async ask(agent: string, question: Question): Promise<Answer> {
    const [event] = await this.decide(agent, question)
    return event?.type === 'approval.requested'
      ? answerOfRequested(event as DeckEvent<'approval.requested'>)
      : answerOfDecided(event as DeckEvent<'action.decided'>)
  }

  /**
   * Decides, or asks a person, and writes that down together with what belongs to it. Answers the
   * events, the question's first. Fault `input.invalid`.
   */
  async decide(
    agent: string,
    question: Question,
    { besides = unchanged, belonging = nothing }: Partial<DecidedBesides> = {},
  ): Promise<DeckEvent[]> {
    const { askers, journal, learner } = this.#parts
    const bounds = askers.boundsOf(agent)
    const action = normalise(question)
    refuseHugeAction(action)
    const asked = { agent, action, risk: askers.riskOf(agent, action) }
    await learner.ready
    const { freezes } = this.#parts
    for (;;) {
      await freezes.whileHeld(agent)
      const events = await journal.append((seq) => {
        // It may have been frozen while this waited to be written down.
        if (freezes.isHeld(agent)) return []
        const refused = freezes.reasonFor(agent) ?? ('refusal' in bounds ? bounds.refusal : '')
        const verdict = besides(
          'refusal' in bounds || refused !== ''
            ? refusal(asked.risk, refused)
            : this.#verdict(asked, bounds),
          seq,
        )
        const decided = this.#decided({ ...asked, verdict }, seq)
        return [decided, ...belonging(decided, verdict)]
      })
      if (events.length > 0) return events
    }
  }

  async wait(agent: string, id: string, waitMs: number, signal: AbortSignal): Promise<Answer> {
    const now = answerTo(findQuestion(this.#parts, agent, id))
    if (!now.pending || waitMs <= 0) return now
    await this.#waiters.wait(id, waitMs, signal)
    return answerTo(findQuestion(this.#parts, agent, id))
  }

  async report(agent: string, id: string, outcome: Omit<Outcome, 'at'>): Promise<void> {
    await this.#parts.learner.ready
    const isAction = id.startsWith('act_')
    let isAdded = false
    try {
      await this.#parts.journal.append(() => {
        // The drafts are asked for again if another append of the same commit fails.
        if (isAdded) this.#reported.forget(id)
        const drafts = this.#reportDrafts({ agent, id, outcome })
        isAdded = drafts.length > 0 && isAction
        // At once, so that another report in the same commit finds it.
        if (isAdded) this.#reported.add(id, outcome)
        return drafts
      })
    } catch (thrown) {
      if (isAdded) this.#reported.forget(id)
      throw thrown
    }
  }

  refused(agent: string, reason: string, what: string): void {
    const { clock, journal } = this.#parts
    const now = clock.now()
    const latest = this.#refusedAt.get(agent) ?? -Infinity
    if (Math.abs(now - latest) < REFUSAL_INTERVAL_MS) return
    this.#refusedAt.set(agent, now)
    const actor = `agent:${agent}`
    journal
      .append(() => [{ type: 'action.refused', actor, subject: agent, body: { reason, what } }])
      .catch(() => undefined)
  }

  whoami(agent: string): { agent: string; template: string; guard: 1 } {
    const bounds = this.#parts.askers.boundsOf(agent)
    return { agent, template: 'refusal' in bounds ? '' : bounds.template, guard: 1 }
  }

  foresee(agent: string, question: Question): { action: Action; verdict: Verdict } {
    const action = normalise(question)
    const frozen = this.#parts.freezes.reasonFor(agent)
    if (frozen === undefined) return { action, verdict: this.verdictNow(agent, action) }
    return { action, verdict: refusal(this.#parts.askers.riskOf(agent, action), frozen) }
  }

  /** What an agent would be answered now. Nothing is written. */
  verdictNow(agent: string, action: Action): Verdict {
    const { askers } = this.#parts
    const found = askers.boundsOf(agent)
    const risk = askers.riskOf(agent, action)
    return 'refusal' in found
      ? refusal(risk, found.refusal)
      : this.#verdict({ agent, action, risk }, found)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow()
    this.#waiters.wakeAll()
  }

  #verdict(
    { agent, action, risk }: Omit<JudgedAction, 'verdict'>,
    { template, bounds }: AgentBounds,
  ): Verdict {
    return this.#parts.judge({ agent: { name: agent, template }, bounds, action, risk })
  }

  /** The decision on a question, or the approval that it becomes. */
  #decided(judged: JudgedAction, seq: number): Draft<'action.decided' | 'approval.requested'> {
    const { agent, verdict } = judged
    if (verdict.decision !== 'require_approval') return decidedDraft(judged, seq)
    const waiting = this.#parts.askers.waiting(agent)
    if (waiting < MAX_WAITING) return this.#request(judged)
    const text = `${waiting} questions of this agent already wait for approval`
    return decidedDraft({ ...judged, verdict: refusal(judged.risk, text) }, seq)
  }

  /** A question to a person; if more have to agree than can, it says so from the beginning. */
  #request(asked: JudgedAction): Draft<'approval.requested'> {
    const { clock, voters, expiryMs } = this.#parts
    const { agent, verdict } = asked
    const expiresAt = clock.now() + expiryMs
    const rules = verdict.people
    if (rules === undefined) return requestedDraft(asked, expiresAt)
    const why = voters.whyTooFew(rules, agent)
    const tooFew = { layer: 'supervisor' as const, text: `when this was asked: ${why}` }
    const reasons = why === undefined ? verdict.reasons : [tooFew, ...verdict.reasons]
    const quorum = { rules, starter: voters.starterOf(agent) }
    return requestedDraft({ ...asked, verdict: { ...verdict, reasons } }, expiresAt, quorum)
  }

  /** The report of an outcome, and what it teaches; nothing if it was reported before. */
  #reportDrafts({
    agent,
    id,
    outcome,
  }: {
    agent: string
    id: string
    outcome: Omit<Outcome, 'at'>
  }): Draft[] {
    const { journal, clock } = this.#parts
    const question = findQuestion(this.#parts, agent, id)
    const { decision, pending } = answerTo(question)
    if (decision === 'block' || pending)
      throw new Fault('not.possible', `${id} was not allowed, so it has no outcome`)
    const before = journal.rows.get<Approval>('approval', id)?.outcome ?? this.#reported.get(id)
    // Sent again because the first answer was lost.
    if (before !== undefined && sameOutcome(before, outcome)) return []
    if (before !== undefined)
      throw new Fault('not.possible', `another outcome of ${id} was reported: ${before.result}`)
    return [
      reportedDraft(agent, id, { ...outcome, at: clock.now() }),
      ...this.#lessonDrafts(question, { agent, id, result: outcome.result }),
    ]
  }

  #lessonDrafts(
    question: EarlierQuestion,
    { agent, id, result }: { agent: string; id: string; result: Outcome['result'] },
  ): Draft[] {
    const lesson = lessonOf(question, result, (action) => this.#parts.askers.riskOf(agent, action))
    // A success that may have been reported before does not count twice.
    const mayBeRepeated = 'decided' in question && result === 'success' && !this.#reported.knows(id)
    if (lesson === undefined || mayBeRepeated) return []
    const { askers, learner } = this.#parts
    const template = askers.templateOf(agent) ?? ''
    return learner.learn({ ...lesson, agent: { name: agent, template } })
  }
}

function refuseHugeAction(action: Action): void {
  const bytes = Buffer.byteLength(JSON.stringify(action))
  if (bytes > MAX_ACTION_BYTES)
    throw new Fault(
      'input.invalid',
      `the action takes ${bytes} bytes in the journal; the limit is ${MAX_ACTION_BYTES}`,
      { hint: 'Put long content into a file, and ask about that.' },
    )
}

function refusal(risk: Risk, text: string): Verdict {
  return { decision: 'block', reasons: [{ layer: 'supervisor', text }], risk, policies: [] }
}
