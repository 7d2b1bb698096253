import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { Journal } from '../../journal/journal.ts'
import type { eventReader } from '../../journal/read.ts'
import type { DeckEvent, Draft } from '../../journal/types.ts'
import type { AgentBounds } from '../agents/types.ts'
import type { PolicyJudge } from '../policy/judge.ts'
import { normalise } from '../policy/normalise.ts'
import { assessRisk } from '../policy/risk/risk.ts'
import type { Action, Risk, Verdict, Question } from '../policy/types.ts'
import { answerOfDecided, answerOfRequested } from './answers.ts'
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
  /** The verified bounds of a running agent, or why it has none. */
  boundsOf: (agent: string) => AgentBounds | { refusal: string }
  judge: PolicyJudge
  learner: Learner
  voters: Voters
  /** How long an approval waits for a person, in milliseconds. */
  expiryMs: number
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
    const bounds = this.#parts.boundsOf(agent)
    const action = normalise(question)
    refuseHugeAction(action)
    const asked = { agent, action, risk: assessRisk(action) }
    await this.#parts.learner.ready
    const [event] = await this.#parts.journal.append((seq) => [
      'refusal' in bounds
        ? decidedDraft({ ...asked, verdict: refusal(asked.risk, bounds.refusal) }, seq)
        : this.#judge(asked, bounds, seq),
    ])
    return event?.type === 'approval.requested'
      ? answerOfRequested(event as DeckEvent<'approval.requested'>)
      : answerOfDecided(event as DeckEvent<'action.decided'>)
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
    const bounds = this.#parts.boundsOf(agent)
    return { agent, template: 'refusal' in bounds ? '' : bounds.template, guard: 1 }
  }

  /** What an agent would be answered now. Nothing is written. */
  verdictNow(agent: string, action: Action): Verdict {
    const found = this.#parts.boundsOf(agent)
    const risk = assessRisk(action)
    if ('refusal' in found) return refusal(risk, found.refusal)
    const { template, bounds } = found
    return this.#parts.judge({ agent: { name: agent, template }, bounds, action, risk })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow()
    this.#waiters.wakeAll()
  }

  /** The decision on a question, or the approval that it becomes. */
  #judge(
    asked: { agent: string; action: Action; risk: Risk },
    { template, bounds }: AgentBounds,
    seq: number,
  ): Draft {
    const { journal, judge } = this.#parts
    const { agent, action, risk } = asked
    const verdict = judge({ agent: { name: agent, template }, bounds, action, risk })
    if (verdict.decision !== 'require_approval') return decidedDraft({ ...asked, verdict }, seq)
    const waiting = journal.rows.get<{ asking: number }>('agent', agent)?.asking ?? 0
    if (waiting < MAX_WAITING) return this.#request({ ...asked, verdict })
    const text = `${waiting} questions of this agent already wait for approval`
    return decidedDraft({ ...asked, verdict: refusal(risk, text) }, seq)
  }

  /** A question to a person; if more have to agree than can, it says so from the beginning. */
  #request(asked: JudgedAction): Draft {
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
    const lesson = lessonOf(question, result)
    // A success that may have been reported before does not count twice.
    const mayBeRepeated = 'decided' in question && result === 'success' && !this.#reported.knows(id)
    if (lesson === undefined || mayBeRepeated) return []
    const { journal, learner } = this.#parts
    const template = journal.rows.get<{ template: string }>('agent', agent)?.template ?? ''
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
