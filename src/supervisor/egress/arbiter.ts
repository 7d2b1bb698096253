import type { Guard } from '../../domain/approvals/guard.ts'
import type { Answer } from '../../domain/approvals/types.ts'
import type { EgressAnswer, EgressBasis, EgressRefusal } from '../../domain/egress/types.ts'
import { readNetTarget } from '../../domain/egress/matching/target.ts'
import { plainQuestion } from '../../domain/policy/normalise.ts'
import type { Question, Reason, Verdict } from '../../domain/policy/types.ts'
import { registeredDomain } from '../../gate/domains.ts'
import type { GateJudge, GateRequest } from '../../gate/types.ts'
import type { FlowLimits } from './limits.ts'
import type { Questions } from './questions.ts'

/** How long a connection is held while a person decides. */
const HOLD_MS = 300_000
/** A rule that allows the same again is written down again after this. */
const SAME_RULE_MS = 60_000
const MAX_SAME = 1000

export interface ArbiterParts {
  agent: string
  guard: Guard
  questions: Questions
  limits: FlowLimits
  /** Does the agent's work when it is its turn; undefined if too much of it waits. */
  inTurn: <T>(work: () => Promise<T>, bytes: number) => Promise<T> | undefined
  /** Which process of the pod has this port, in words; '' if that is not known. */
  processOf: (port: number) => Promise<string>
  addresses: Pick<GateJudge, 'whyNotAddress' | 'resolve'>
  refused: GateJudge['refused']
  /** By what a tunnel of this text is open. Another to the same place lets out nothing more. */
  openTunnel: (text: string) => EgressBasis | undefined
  now: () => number
}

/** Asks the deck's one judge, and people, about everything that goes through one gate. */
export class Arbiter implements GateJudge {
  readonly #parts: ArbiterParts
  readonly #byRule = new Map<string, { rule: string; until: number }>()
  readonly whyNotAddress: GateJudge['whyNotAddress']
  readonly resolve: GateJudge['resolve']
  readonly refused: GateJudge['refused']

  constructor(parts: ArbiterParts) {
    this.#parts = parts
    this.whyNotAddress = parts.addresses.whyNotAddress
    this.resolve = parts.addresses.resolve
    this.refused = parts.refused
  }

  async decide(request: GateRequest, signal: AbortSignal): Promise<EgressAnswer> {
    const { target, text } = request
    const why = target.isAddress
      ? this.whyNotAddress(target.host, target.host, target.port)
      : undefined
    if (why !== undefined) return { refusal: addressRefusal(why) }
    const question = questionOf(text)
    const verdict = await this.#verdict(question)
    if (verdict === undefined) return { refusal: BUSY }
    if (verdict.decision === 'block') return { refusal: blocked(verdict.reasons) }
    if (verdict.decision === 'require_approval') return this.#byPerson(question, request, signal)
    if (verdict.lease !== undefined) return this.#recorded(question, 'lease')
    if (verdict.rule !== undefined) return this.#byLearnedRule(question, verdict.rule)
    return this.#pass({ by: 'policy', ids: verdict.policies })
  }

  within(text: string): EgressRefusal | undefined {
    const { agent, guard } = this.#parts
    const { verdict } = guard.foresee(agent, questionOf(text))
    return verdict.decision === 'block' ? blocked(verdict.reasons) : undefined
  }

  /** Whether what a flow was opened by still holds. */
  holds(text: string, { by, ids }: EgressBasis, isRevoked: (id: string) => boolean): boolean {
    const { agent, guard } = this.#parts
    const { verdict } = guard.foresee(agent, questionOf(text))
    if (verdict.decision === 'block') return false
    if (by === 'approval' || by === 'lease') return !ids.some(isRevoked)
    return verdict.decision !== 'require_approval'
  }

  #verdict(question: Question): Promise<Verdict> | undefined {
    const { agent, guard, inTurn } = this.#parts
    return inTurn(async () => guard.foresee(agent, question).verdict, question.target.length)
  }

  /** What was used or learned is written down before it counts. */
  async #recorded(question: Question, by: 'lease' | 'rule'): Promise<EgressAnswer> {
    const { agent, guard, inTurn } = this.#parts
    const answer = await inTurn(() => guard.ask(agent, question), question.target.length)
    if (answer === undefined) return { refusal: BUSY }
    if (answer.decision !== 'allow' && answer.decision !== 'warn')
      return { refusal: blocked(answer.reasons) }
    const ids = answer.reasons.filter(({ layer }) => layer === by).flatMap(({ id }) => id ?? [])
    return this.#pass({ by, ids })
  }

  async #byLearnedRule(question: Question, rule: string): Promise<EgressAnswer> {
    const { now } = this.#parts
    const known = this.#byRule.get(question.target)
    if (known?.rule === rule && now() < known.until) return this.#pass({ by: 'rule', ids: [rule] })
    const answer = await this.#recorded(question, 'rule')
    if (this.#byRule.size >= MAX_SAME) this.#byRule.clear()
    if ('pass' in answer) this.#byRule.set(question.target, { rule, until: now() + SAME_RULE_MS })
    return answer
  }

  async #byPerson(
    question: Question,
    { from }: GateRequest,
    signal: AbortSignal,
  ): Promise<EgressAnswer> {
    const { questions, processOf, openTunnel } = this.#parts
    const open = question.target.startsWith('CONNECT ') ? openTunnel(question.target) : undefined
    if (open?.by === 'approval') return this.#pass(open)
    const id = await questions.take(question.target)
    if (id !== undefined) return this.#pass({ by: 'approval', ids: [id] })
    const process = await processOf(from).catch(() => '')
    const gate = { process, domain: question.gate?.domain ?? '' }
    const patience = AbortSignal.any([signal, AbortSignal.timeout(HOLD_MS)])
    const found = await questions.ask({ ...question, gate }, patience)
    if ('waits' in found) return { refusal: waits(found.waits) }
    const { answer, isAllowed } = found
    return isAllowed
      ? this.#pass({ by: 'approval', ids: [answer.id] })
      : { refusal: denied(answer) }
  }

  #pass(basis: EgressBasis): EgressAnswer {
    const { maxBytes, tooOften } = this.#parts.limits.of(basis.by === 'policy' ? basis.ids : [])
    return tooOften === undefined
      ? { pass: { basis, maxBytes } }
      : { refusal: tooOftenBy(tooOften) }
  }
}

function questionOf(target: string): Question {
  const host = readNetTarget(target)?.host ?? ''
  const gate = { process: '', domain: registeredDomain(host) }
  return { ...plainQuestion('net', target), gate }
}

const BUSY: EgressRefusal = {
  code: 'busy',
  reason: 'too many requests of this agent wait for their turn already',
  next: 'Try again in a moment.',
}

function addressRefusal(reason: string): EgressRefusal {
  const next = 'An operator can allow the address itself in `egress` of policies.yaml.'
  return { code: 'address.refused', reason, next }
}

function blocked(reasons: readonly Reason[]): EgressRefusal {
  return {
    code: 'policy.blocked',
    reason: reasons[0]?.text ?? 'it is blocked',
    next: 'Do without it, or tell the operator what you need it for.',
  }
}

function denied({ id, reasons, edited }: Answer): EgressRefusal {
  if (edited !== null)
    return {
      code: 'approval.denied',
      reason: `the operator allowed something else instead: ${edited.target}`,
      next: 'Ask for that.',
    }
  const reason = `${id}: ${reasons[0]?.text ?? 'denied'}`
  return { code: 'approval.denied', reason, next: 'Do without it, or ask for less.' }
}

function waits(id: string): EgressRefusal {
  return {
    code: 'approval.waits',
    reason: `a person has yet to decide about it (${id})`,
    next: 'Try again later: once it is allowed, the next try goes through.',
  }
}

function tooOftenBy(id: string): EgressRefusal {
  return {
    code: 'limit.rate',
    reason: `the rule ${id} allows no more for now`,
    next: 'Try again in a minute.',
  }
}
