import type { Clock } from '../../../base/clock.ts'
import type { Draft } from '../../../journal/types.ts'
import type { GuardService } from '../../approvals/guard-service.ts'
import { normalise } from '../../policy/normalise.ts'
import type { Risk, Verdict } from '../../policy/types.ts'
import { NO_HISTORY, predictedRisk, type HistoryOf, type PredictiveRisk } from '../actions/risk.ts'
import { apiAgentName, isApiAgent } from '../agents/rules.ts'
import type { GuardLearning } from '../learning/rules.ts'
import { preliminaryDecision, webhooksToAsk } from '../policies/decide.ts'
import {
  foldSignals,
  foldWebhooks,
  guardAnswer,
  holds,
  stricter,
  type AskedWebhook,
  type GuardReply,
} from '../policies/rules.ts'
import type { FoldedDecision, PolicyFacts } from '../policies/types.ts'
import type { RecordAuthor, RecordChanges, RecordStore } from '../records/service.ts'
import type { RecordData } from '../records/types.ts'
import { scanInjection } from '../scanning/injection.ts'
import { redactDeep } from '../scanning/secrets.ts'
import { isOfType } from '../policies/settings.ts'
import { noteIntel } from '../signals/intel-records.ts'
import type { GovernanceSignal } from '../signals/types.ts'
import { deckQuestion, type ApiQuestion } from './question.ts'
import type { ReadyPolicies } from './policies.ts'
import type { AskWebhooks } from './webhook-checks.ts'

/** Who asks over the API. */
export interface ApiAuthor {
  org: string
  /** The end of its agents' names in the deck. */
  slug: string
  /** As events name them. */
  actor: string
}

interface ApiGuardParts {
  guard: Pick<GuardService, 'decide' | 'verdictNow'>
  records: RecordStore
  policies: ReadyPolicies
  /** Facts that policies go by. */
  facts: (org: string, question: ApiQuestion) => PolicyFacts
  /** What the agent that asks is told of what it learned; undefined for nothing. */
  learned: (org: string, question: ApiQuestion) => GuardLearning | undefined
  /** Given if history counts: what it added to the risk is told. */
  historyOf?: HistoryOf | undefined
  askWebhooks: AskWebhooks
  /** Whether every goal is looked through for prompt injection. */
  scanInjection: boolean
  clock: Clock
}

/** A question: as it was asked, which is judged, and without secrets, which is written down. */
interface Asked {
  question: ApiQuestion
  told: ApiQuestion
  /** As the deck names the agent. */
  name: string
}

interface DecidedBy {
  verdict: Verdict
  /** The number of the event that it is written down with. */
  seq: number
  webhooks: readonly AskedWebhook[]
  /** What the caller wants to be warned of. */
  signals?: readonly GovernanceSignal[]
}

/** What was decided about a question, and how it is answered. */
export interface ApiDecision {
  reply: GuardReply
  /** What decided it in the deck. */
  verdict: Verdict
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
  async ask(
    author: ApiAuthor,
    question: ApiQuestion,
    signals: readonly GovernanceSignal[] = [],
  ): Promise<GuardReply> {
    const { guard, records } = this.#parts
    const asked = askedBy(author, question)
    const action = normalise(deckQuestion(asked.told))
    const webhooks = await this.#webhooks(author, asked)
    return records.write(recordAuthor(author, asked), (changes) => {
      const verdict = guard.verdictNow(asked.name, action)
      const seq = changes.serial
      const decided = this.#decided(author, asked, { verdict, seq, webhooks, signals })
      changes.make('guard_decision', decided.reply.action_id, row(author, asked, decided))
      this.#noteIntel(changes, author, { asked, decided })
      return decided.reply
    })
  }

  /**
   * Decides about an action that is about to happen, and asks a person where that is needed.
   * `belonging` says what is written down with it, and with the record of the decision.
   */
  async decide(
    author: ApiAuthor,
    question: ApiQuestion,
    belonging: (
      asked: Draft<'action.decided' | 'approval.requested'>,
      decided: ApiDecision,
      record: RecordData,
    ) => Draft[],
  ): Promise<ApiDecision> {
    const { guard, records } = this.#parts
    const asked = askedBy(author, question)
    const webhooks = await this.#webhooks(author, asked)
    let decided: ApiDecision | undefined
    let seq = 0
    await guard.decide(asked.name, deckQuestion(asked.told), {
      besides: (verdict, next) => {
        seq = next
        decided = this.#decided(author, asked, { verdict, seq, webhooks })
        return decided.verdict
      },
      belonging: (draft, verdict) => {
        // Too many of its questions wait: then the deck blocks what it would have asked.
        const known = decided as ApiDecision
        const isStricter = draft.type === 'action.decided' && draft.body.decision === 'block'
        const final =
          isStricter && known.reply.decision !== 'block'
            ? this.#decided(author, asked, {
                verdict: { ...verdict, decision: 'block', reasons: draft.body.reasons },
                seq,
                webhooks,
              })
            : known
        decided = final
        const changes = records.changes(recordAuthor(author, asked), 0)
        this.#noteIntel(changes, author, { asked, decided: final })
        const record = { ...row(author, asked, final), recorded: true }
        return [...changes.drafts, ...belonging(draft, final, record)]
      },
    })
    return decided as ApiDecision
  }

  #noteIntel(
    changes: RecordChanges,
    { org }: ApiAuthor,
    { asked: { told }, decided: { reply } }: { asked: Asked; decided: ApiDecision },
  ): void {
    const { agentId: agent_id, actionType: action_type, intel } = told
    const matched = new Set(reply.matched_policies)
    const notGreen =
      matched.size > 0 &&
      this.#parts.policies
        .of(org)
        .some(({ id, read }) => matched.has(id) && isOfType(read, 'green_contract'))
    noteIntel(changes, { agent_id, action_type, intel, notGreen })
  }

  /** What webhooks of policies say. They are shown what would be decided without them. */
  async #webhooks({ org }: ApiAuthor, { question, told, name }: Asked): Promise<AskedWebhook[]> {
    const { policies, guard, askWebhooks } = this.#parts
    const toAsk = webhooksToAsk(policies.of(org), question.agentId)
    if (toAsk.length === 0) return []
    const verdict = guard.verdictNow(name, normalise(deckQuestion(told)))
    const own = this.#folded(org, question, verdict.risk.score)
    const risk = verdict.risk.score
    return askWebhooks(toAsk, { org, question: told, risk, before: together(own, verdict) })
  }

  #folded(org: string, question: ApiQuestion, risk: number): FoldedDecision {
    const { policies, facts } = this.#parts
    const { agentId, actionType, intel, goal } = question
    return preliminaryDecision({
      policies: policies.of(org),
      question: { agentId, actionType, risk, intel },
      facts: facts(org, question),
      injection: this.#parts.scanInjection ? scanInjection(`${goal ?? ''}\n${actionType}`) : null,
    })
  }

  /** What history added to the risk. That of agents in pods goes by their locks alone. */
  #predictive(org: string, { question, name }: Asked): PredictiveRisk | undefined {
    const { historyOf } = this.#parts
    const { agentId, actionType } = question
    if (historyOf === undefined || !isApiAgent(name)) return undefined
    const history = agentId === null ? NO_HISTORY : historyOf(org, agentId, actionType)
    return predictedRisk(0, history).predictive
  }

  #decided(
    { org }: ApiAuthor,
    asked: Asked,
    { verdict, seq, webhooks, signals = [] }: DecidedBy,
  ): ApiDecision {
    const { question } = asked
    const own = foldWebhooks(this.#folded(org, question, verdict.risk.score), webhooks)
    return {
      verdict: besides(own, verdict),
      reply: guardAnswer({
        folded: foldSignals(together(own, verdict), signals),
        guardDecisionId: decisionId(seq),
        risk: verdict.risk.score,
        agentRisk: question.claimedRisk,
        learning: this.#parts.learned(org, question),
        predictive: this.#predictive(org, asked),
        at: new Date(this.#parts.clock.now()).toISOString(),
      }),
    }
  }
}

/** What the deck and the API's own policies say together, as it is answered. */
function together(own: FoldedDecision, verdict: Verdict): FoldedDecision {
  const texts = verdict.reasons.map(({ text }) => text)
  return {
    decision: stricter(own.decision, verdict.decision),
    reasons: holds(verdict.decision) ? [...own.reasons, ...texts] : own.reasons,
    warnings: verdict.decision === 'warn' ? [...own.warnings, ...texts] : own.warnings,
    matchedPolicies: [...new Set([...own.matchedPolicies, ...verdict.policies])],
  }
}

/**
 * The deck's verdict with what the API's own policies say: the stricter decision, and the reasons
 * of both for whoever decides. Who has to agree stays as the deck has it. A lease or a learned rule
 * answers only where its answer counts.
 */
function besides(own: FoldedDecision, verdict: Verdict): Verdict {
  const decision = stricter(own.decision, verdict.decision)
  const { lease: _lease, rule: _rule, ...unanswered } = verdict
  const lines = [...own.reasons, ...own.warnings]
  return {
    ...(holds(decision) ? unanswered : verdict),
    decision,
    reasons: [
      ...lines.map((text) => ({ layer: 'policy' as const, text })),
      ...(decision === verdict.decision ? verdict.reasons : reasonsToHold(verdict)),
    ],
    policies: [...new Set([...own.matchedPolicies, ...verdict.policies])],
  }
}

/** The reasons of a verdict that something stricter overrides, as far as they speak for it. */
function reasonsToHold({ decision, reasons }: Verdict): Verdict['reasons'] {
  return decision === 'allow' ? [] : reasons
}

function askedBy({ slug }: ApiAuthor, question: ApiQuestion): Asked {
  const told = redactDeep(question).value
  const { agentId } = told
  return { question: { ...question, agentId }, told, name: apiAgentName(slug, agentId ?? '') }
}

function recordAuthor({ org, actor }: ApiAuthor, { name }: Asked): RecordAuthor {
  return { org, actor, subject: name }
}

/** The number of an event makes it unique, and keeps decisions together in an index. */
function decisionId(seq: number): string {
  return `act_gd_${seq.toString(16).padStart(16, '0')}`
}

function row({ org }: ApiAuthor, { told }: Asked, { reply, verdict }: ApiDecision): object {
  return {
    id: reply.action_id,
    org_id: org,
    agent_id: told.agentId,
    action_type: told.actionType,
    status: reply.decision,
    decision: reply.decision,
    reason: reply.reason,
    matched_policies: reply.matched_policies,
    risk_score: reply.risk_score,
    agent_risk_score: reply.agent_risk_score,
    risk_factors: verdict.risk.factors as Risk['factors'],
    context: {
      declared_goal: told.goal,
      systems_touched: told.systems,
      reversible: told.reversible,
      intel: told.intel,
    },
    created_at: reply.evaluated_at,
  }
}
