import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { newId } from '../../base/ids.ts'
import type { Journal } from '../../journal/journal.ts'
import type { eventReader } from '../../journal/read.ts'
import type { DeckEvent, Draft } from '../../journal/types.ts'
import { evaluate } from '../policy/evaluate.ts'
import type { Lesson } from '../rules/lessons.ts'
import { normalise } from '../policy/normalise.ts'
import { assessRisk } from '../policy/risk.ts'
import type { CompiledPolicies } from '../policy/evaluate.ts'
import type { Action, Risk, Verdict, Learned, Doer, Question } from '../policy/types.ts'
import { answerOfDecided, answerOfRequested } from './answers.ts'
import { answerIn, lessonOf, lookUp } from './earlier-question.ts'
import type { Guard } from './guard.ts'
import { Reported, sameOutcome } from './reported-outcomes.ts'
import { fingerprint } from './rules.ts'
import type { Answer, Approval, Outcome } from './types.ts'
import type { Lease } from '../leases/types.ts'
import type { AgentBounds } from '../agents/types.ts'

export interface GuardParts {
  journal: Journal
  clock: Clock
  read: ReturnType<typeof eventReader>
  /** The verified bounds of a running agent, or why there are none. */
  governed: (agent: string) => AgentBounds | { refusal: string }
  policies: () => CompiledPolicies
  activeLeases: () => Lease[]
  learner: Learner
  /** How long a person has, in milliseconds. */
  patience: number
}

/** What learns from decisions and outcomes, and answers where nothing else does. */
export interface Learner {
  /** Resolves when all rules are known: before that nothing is asked of them, and nothing is learned. */
  ready: Promise<void>
  judge(doer: Doer, action: Action, risk: Risk): Learned
  learn(lesson: Lesson): Draft[]
}

/** Approvals that one agent may have waiting; more are denied, so that nobody's queue can be flooded. */
const MOST_WAITING = 32

/** Bytes of one action in the journal. Escaping makes six of one, so that bounds on characters alone do not bound the disk. */
const MOST_WRITTEN = 16 * 1024

/** A flood at a door is one event in this time, in milliseconds. */
const REFUSED_EVERY = 10_000

/** The guard: decides what policy can decide, and opens approvals for the rest. */
export function guardService(parts: GuardParts): Guard & { close(): void } {
  const { journal, clock } = parts
  const waiters = new Map<string, Set<() => void>>()
  const refusedAt = new Map<string, number>()
  const reported = new Reported(journal.head().seq)
  const unfollow = journal.follow((commit) => {
    for (const event of commit.events) {
      if (event.type === 'approval.decided' || event.type === 'approval.expired')
        wake(waiters, (event as DeckEvent<'approval.decided'>).body.id)
    }
  })

  return {
    async ask(agent, question) {
      const governed = parts.governed(agent)
      const action = normalise(question)
      const bytes = Buffer.byteLength(JSON.stringify(action))
      if (bytes > MOST_WRITTEN)
        throw new Fault(
          'input.invalid',
          `this question takes ${bytes} bytes to write down, at most ${MOST_WRITTEN} are`,
          { hint: 'Put what is long into a file, and ask for that.' },
        )
      const risk = assessRisk(action)
      await parts.learner.ready
      return answerTo(
        await journal.append((next) => [
          'refusal' in governed
            ? decided(agent, action, risk, refusal(risk, governed.refusal), next)
            : answered(parts, { agent, action, risk, governed }, next),
        ]),
      )
    },
    async wait(agent, id, waitMs, signal) {
      const now = answerIn(lookUp(parts, agent, id))
      if (!now.pending || waitMs <= 0) return now
      await settled(waiters, clock, id, waitMs, signal)
      return answerIn(lookUp(parts, agent, id))
    },
    async report(agent, id, outcome) {
      await parts.learner.ready
      let first = false
      try {
        await journal.append(() => {
          // Asked again where a neighbour's event could not be written: what this one noted then is no report yet.
          if (first) reported.forget(id)
          const drafts = told(parts, reported, { agent, id, outcome })
          first = drafts.length > 0 && id.startsWith('act_')
          // In the same breath, so that another report in the same commit finds it.
          if (first) reported.add(id, outcome)
          return drafts
        })
      } catch (thrown) {
        if (first) reported.forget(id)
        throw thrown
      }
    },
    refused(agent, reason, what) {
      const now = clock.now()
      if (Math.abs(now - (refusedAt.get(agent) ?? -Infinity)) < REFUSED_EVERY) return
      refusedAt.set(agent, now)
      journal
        .append(() => [
          {
            type: 'action.refused',
            actor: `agent:${agent}`,
            subject: agent,
            body: { reason, what },
          },
        ])
        .catch(() => undefined)
    },
    whoami(agent) {
      const governed = parts.governed(agent)
      return { agent, template: 'refusal' in governed ? '' : governed.template, guard: 1 }
    },
    close() {
      unfollow()
      for (const id of waiters.keys()) wake(waiters, id)
    },
  }
}

/** What is decided of a question, or the approval that it becomes. */
function answered(
  parts: GuardParts,
  {
    agent,
    action,
    risk,
    governed,
  }: { agent: string; action: Action; risk: Risk; governed: AgentBounds },
  next: number,
): Draft {
  const { journal, clock, learner } = parts
  const doer = { name: agent, template: governed.template }
  const verdict = evaluate({
    action,
    risk,
    agent: doer,
    bounds: governed.bounds,
    policies: parts.policies(),
    leases: parts.activeLeases(),
    learned: () => learner.judge(doer, action, risk),
    now: clock.now(),
  })
  if (verdict.decision !== 'require_approval') return decided(agent, action, risk, verdict, next)
  const waiting = journal.rows.get<{ asking: number }>('agent', agent)?.asking ?? 0
  if (waiting >= MOST_WAITING)
    return decided(
      agent,
      action,
      risk,
      refusal(risk, `${waiting} questions of this agent already wait for a person`),
      next,
    )
  return requested(agent, action, verdict, clock.now() + parts.patience)
}

/** An outcome, and what it teaches; nothing if it was told before. */
function told(
  parts: GuardParts,
  reported: Reported,
  { agent, id, outcome }: { agent: string; id: string; outcome: Omit<Outcome, 'at'> },
): Draft[] {
  const { journal, clock, learner } = parts
  const asked = lookUp(parts, agent, id)
  const answer = answerIn(asked)
  if (answer.decision === 'block' || answer.pending)
    throw new Fault('not.possible', `${id} was not allowed, so it has no outcome`)
  const before = journal.rows.get<Approval>('approval', id)?.outcome ?? reported.get(id)
  // Sent again, because the first answer was lost on its way.
  if (before !== undefined && sameOutcome(before, outcome)) return []
  if (before !== undefined)
    throw new Fault('not.possible', `the outcome of ${id} was told before: ${before.result}`)
  const lesson = lessonOf(asked, outcome.result)
  // A success that may have been told before is no other one.
  const counts =
    lesson !== undefined &&
    ('approval' in asked || outcome.result !== 'success' || reported.knows(id))
  return [
    reportedDraft(agent, id, { ...outcome, at: clock.now() }),
    ...(counts
      ? learner.learn({ ...lesson, doer: { name: agent, template: templateOf(journal, agent) } })
      : []),
  ]
}

function templateOf(journal: Journal, agent: string): string {
  return journal.rows.get<{ template: string }>('agent', agent)?.template ?? ''
}

function reportedDraft(agent: string, id: string, outcome: Outcome): Draft {
  return { type: 'action.reported', actor: `agent:${agent}`, subject: agent, body: { id, outcome } }
}

function answerTo(events: DeckEvent[]): Answer {
  const event = events[0]
  if (event?.type === 'approval.requested')
    return answerOfRequested(event as DeckEvent<'approval.requested'>)
  return answerOfDecided(event as DeckEvent<'action.decided'>)
}

/** A decision without a person. Its id holds its place in the journal, so that an outcome finds it again. */
function decided(agent: string, action: Action, risk: Risk, verdict: Verdict, next: number): Draft {
  const id = `act_${next.toString(36)}`
  return {
    type: 'action.decided',
    actor: `agent:${agent}`,
    subject: agent,
    body: {
      id,
      action,
      fingerprint: fingerprint(agent, action),
      risk,
      decision: verdict.decision,
      reasons: verdict.reasons,
      lease: verdict.lease ?? null,
      policies: verdict.policies,
      rule: verdict.rule ?? null,
    },
  }
}

function requested(agent: string, action: Action, verdict: Verdict, expiresAt: number): Draft {
  return {
    type: 'approval.requested',
    actor: `agent:${agent}`,
    subject: agent,
    body: {
      id: newId('apr'),
      action,
      fingerprint: fingerprint(agent, action),
      risk: verdict.risk,
      reasons: verdict.reasons,
      policies: verdict.policies,
      expiresAt,
    },
  }
}

function refusal(risk: Risk, text: string): Verdict {
  return { decision: 'block', reasons: [{ layer: 'supervisor', text }], risk, policies: [] }
}

function wake(waiters: Map<string, Set<() => void>>, id: string): void {
  const set = waiters.get(id)
  waiters.delete(id)
  if (set !== undefined) for (const go of set) go()
}

function settled(
  waiters: Map<string, Set<() => void>>,
  clock: Clock,
  id: string,
  waitMs: number,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const set = waiters.get(id) ?? new Set()
    const go = () => {
      cancel()
      set.delete(go)
      signal.removeEventListener('abort', go)
      if (set.size === 0 && waiters.get(id) === set) waiters.delete(id)
      resolve()
    }
    const cancel = clock.after(waitMs, go)
    waiters.set(id, set.add(go))
    signal.addEventListener('abort', go, { once: true })
    if (signal.aborted) go()
  })
}

export type { Question }
