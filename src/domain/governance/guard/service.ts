import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import type { Draft } from '../../../journal/types.ts'
import type { GuardService } from '../../approvals/guard-service.ts'
import { normalise } from '../../policy/normalise.ts'
import type { Decision, Risk, Verdict } from '../../policy/types.ts'
import { apiAgentName } from '../agents/rules.ts'
import type { GuardLearning } from '../learning/rules.ts'
import { preliminaryDecision } from '../policies/decide.ts'
import { foldWebhooks, guardAnswer, type AskedWebhook, type GuardReply } from '../policies/rules.ts'
import type { FoldedDecision, PolicyFacts } from '../policies/types.ts'
import type { RecordAuthor, RecordStore } from '../records/service.ts'
import { scanInjection } from '../scanning/injection.ts'
import { deckQuestion, type ApiQuestion } from './question.ts'
import type { ReadyPolicies } from './policies.ts'

/** Who asks over the API. */
export interface ApiAuthor {
  org: string
  /** The end of its agents' names in the deck. */
  slug: string
  /** As events name them. */
  actor: string
}

/** What the guard of the API knows besides what it is asked. */
export interface GuardFacts {
  /** Facts that policies go by. */
  policyFacts(org: string, question: ApiQuestion): PolicyFacts
  /** What the agent that asks is told of what it learned; undefined for nothing. */
  learned(org: string, question: ApiQuestion): GuardLearning | undefined
  /** What webhooks of policies say; they are all shown the same. */
  webhooks(org: string, question: ApiQuestion, before: FoldedDecision): Promise<AskedWebhook[]>
}

interface ApiGuardParts {
  guard: Pick<GuardService, 'decide' | 'verdictNow'>
  records: RecordStore
  policies: ReadyPolicies
  facts: GuardFacts
  clock: Clock
}

/** What was decided about a question, and how it is answered. */
export interface ApiDecision {
  reply: GuardReply
  /** What decided it in the deck. */
  verdict: Verdict
}

const STRICTNESS: Readonly<Record<Decision, number>> = {
  allow: 0,
  warn: 1,
  require_approval: 2,
  block: 3,
}

/**
 * The guard's own question, asked over the API: the deck's policies, leases and learned rules, and
 * the API's own policies. The strictest answer wins.
 */
export class ApiGuard {
  readonly #parts: ApiGuardParts

  constructor(parts: ApiGuardParts) {
    this.#parts = parts
  }

  /** What would be answered now. It is written down, but nobody is asked and nothing is used up. */
  async ask(author: ApiAuthor, question: ApiQuestion): Promise<GuardReply> {
    const { guard, records } = this.#parts
    const name = nameOf(author, question)
    const action = normalise(deckQuestion(question))
    const webhooks = await this.#webhooks(author, question)
    return records.write(recordAuthor(author, name), (changes) => {
      const decided = this.#decided(author.org, question, {
        verdict: guard.verdictNow(name, action),
        webhooks,
      })
      changes.make('guard_decision', decided.reply.action_id, row(author.org, question, decided))
      return decided.reply
    })
  }

  /**
   * Decides about an action that is about to happen, and asks a person where that is needed.
   * `belonging` says what is written down with it.
   */
  async decide(
    author: ApiAuthor,
    question: ApiQuestion,
    belonging: (
      asked: Draft<'action.decided' | 'approval.requested'>,
      decided: ApiDecision,
    ) => Draft[],
  ): Promise<ApiDecision> {
    const { guard, records } = this.#parts
    const name = nameOf(author, question)
    const webhooks = await this.#webhooks(author, question)
    let decided: ApiDecision | undefined
    await guard.decide(name, deckQuestion(question), {
      besides: (verdict) => {
        decided = this.#decided(author.org, question, { verdict, webhooks })
        return decided.verdict
      },
      belonging: (asked, verdict) => {
        // Too many of its questions wait: then the deck blocks what it would have asked.
        const known = decided as ApiDecision
        const isStricter = asked.type === 'action.decided' && asked.body.decision === 'block'
        const final =
          isStricter && known.reply.decision !== 'block'
            ? this.#decided(author.org, question, {
                verdict: { ...verdict, decision: 'block', reasons: asked.body.reasons },
                webhooks,
              })
            : known
        decided = final
        const changes = records.changes(recordAuthor(author, name), 0)
        changes.make('guard_decision', final.reply.action_id, row(author.org, question, final))
        return [...changes.drafts, ...belonging(asked, final)]
      },
    })
    return decided as ApiDecision
  }

  #webhooks(author: ApiAuthor, question: ApiQuestion): Promise<AskedWebhook[]> {
    const { facts } = this.#parts
    return facts.webhooks(author.org, question, this.#folded(author.org, question, 0))
  }

  #folded(org: string, question: ApiQuestion, risk: number): FoldedDecision {
    const { policies, facts } = this.#parts
    const { agentId, actionType, intel } = question
    const injection = scanInjection(`${question.goal ?? ''}\n${actionType}`)
    return preliminaryDecision({
      policies: policies.of(org),
      question: { agentId, actionType, risk, intel },
      facts: facts.policyFacts(org, question),
      injection,
    })
  }

  #decided(
    org: string,
    question: ApiQuestion,
    { verdict, webhooks }: { verdict: Verdict; webhooks: readonly AskedWebhook[] },
  ): ApiDecision {
    const own = foldWebhooks(this.#folded(org, question, verdict.risk.score), webhooks)
    const folded = together(own, verdict)
    return {
      verdict: STRICTNESS[own.decision] > STRICTNESS[verdict.decision] ? by(own, verdict) : verdict,
      reply: guardAnswer({
        folded,
        guardDecisionId: `act_gd_${randomBytes(8).toString('hex')}`,
        risk: verdict.risk.score,
        agentRisk: question.claimedRisk,
        learning: this.#parts.facts.learned(org, question),
        at: new Date(this.#parts.clock.now()).toISOString(),
      }),
    }
  }
}

/** What the deck and the API's own policies say together. */
function together(own: FoldedDecision, verdict: Verdict): FoldedDecision {
  const texts = verdict.reasons.map(({ text }) => text)
  const isStrict = STRICTNESS[verdict.decision] >= STRICTNESS.require_approval
  return {
    decision:
      STRICTNESS[own.decision] > STRICTNESS[verdict.decision] ? own.decision : verdict.decision,
    reasons: isStrict ? [...own.reasons, ...texts] : own.reasons,
    warnings: verdict.decision === 'warn' ? [...own.warnings, ...texts] : own.warnings,
    matchedPolicies: [...new Set([...own.matchedPolicies, ...verdict.policies])],
  }
}

/** The deck's verdict, made as strict as the API's own policies are. */
function by(own: FoldedDecision, verdict: Verdict): Verdict {
  const isWarning = own.decision === 'warn'
  const lines = isWarning ? own.warnings : own.reasons
  // A lease or a rule answered only where its answer counts.
  const { lease: _lease, rule: _rule, ...unanswered } = verdict
  const rest = isWarning ? verdict : unanswered
  return {
    ...rest,
    decision: own.decision,
    reasons: [
      ...lines.map((text) => ({ layer: 'policy' as const, text })),
      ...(verdict.decision === 'require_approval' ? verdict.reasons : []),
    ],
    policies: [...new Set([...own.matchedPolicies, ...verdict.policies])],
  }
}

function nameOf({ slug }: ApiAuthor, { agentId }: ApiQuestion): string {
  return apiAgentName(slug, agentId ?? '')
}

function recordAuthor({ org, actor }: ApiAuthor, subject: string): RecordAuthor {
  return { org, actor, subject }
}

function row(org: string, question: ApiQuestion, { reply, verdict }: ApiDecision): object {
  return {
    id: reply.action_id,
    org_id: org,
    agent_id: question.agentId,
    action_type: question.actionType,
    status: reply.decision,
    decision: reply.decision,
    reason: reply.reason,
    matched_policies: reply.matched_policies,
    risk_score: reply.risk_score,
    agent_risk_score: reply.agent_risk_score,
    risk_factors: verdict.risk.factors as Risk['factors'],
    context: {
      declared_goal: question.goal,
      systems_touched: question.systems,
      reversible: question.reversible,
      intel: question.intel,
    },
    created_at: reply.evaluated_at,
  }
}
