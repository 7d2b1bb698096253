import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import { quote } from '../../../base/quote.ts'
import type { Approval } from '../../approvals/types.ts'
import { rehashed } from '../../../clawpolicy/files/records.ts'
import { isoTimestamp } from '../../../clawpolicy/times.ts'
import { AUTO, ASK, type Rule } from '../../../clawpolicy/types.ts'
import type { Action, AgentIdentity } from '../../policy/types.ts'
import { askedQuestion, type AskedQuestion, type AskedQuestionParts } from '../asked-question.ts'
import type { RuleChangeParts, RuleChanges } from './changes.ts'
import { confirmAgain } from './edit.ts'
import { learnedDecision } from '../judge.ts'
import { expiryAfter, refuseOpposed } from './moves.ts'
import { toStored } from '../stored.ts'
import { domainOfTemplate, engineFor, taskOf, taskRisk } from '../task.ts'
import type { ProposalInput, RuleProposal, RuleRecord, ScopeName, StoredRule } from '../types.ts'

export interface ProposalParts extends RuleChangeParts, AskedQuestionParts {
  changes: RuleChanges
}

/** A rule as a proposal would store it: a new one, or `before` confirmed again. */
export interface ProposedRule {
  stored: StoredRule
  before: RuleRecord | undefined
}

/** Decided approvals that a proposal is compared with. */
const MAX_COMPARED = 2000

/** Rules that an operator makes from a question that was asked. */
export class RuleProposals {
  readonly #parts: ProposalParts
  readonly #decided: () => Approval[]

  constructor(parts: ProposalParts) {
    this.#parts = parts
    const decided = parts.store.prepare<[number], { row: string }>(
      "SELECT row FROM approval WHERE state <> 'pending' ORDER BY askedAt DESC LIMIT ?",
    )
    this.#decided = () => decided.all(MAX_COMPARED).map(({ row }) => JSON.parse(row) as Approval)
  }

  /** The rules that could be made, narrowest first, and what each would have covered. */
  async list(id: string, decision: 'allow' | 'ask'): Promise<RuleProposal[]> {
    await this.#parts.learning.usable()
    const question = askedQuestion(this.#parts, id)
    const earlier = this.#decided().filter(({ agent }) => agent === question.agent.name)
    return ruleWidths(this.#parts, question, decision).map(({ width, covers, rule }) => {
      const covered = earlier.filter(({ action }) => ruleCovers(rule, action, question.agent))
      const many = (state: Approval['state']) =>
        covered.filter((approval) => approval.state === state).length
      return {
        width,
        says: covers,
        trigger: rule.trigger,
        past: { asked: covered.length, allowed: many('allowed'), denied: many('denied') },
      }
    })
  }

  /** Makes a rule, which is confirmed. */
  async propose(input: ProposalInput, actor: string) {
    const { learning, journal, changes, reader } = this.#parts
    await learning.usable()
    let id = ''
    await journal.append(() => {
      const { stored, before } = this.proposedRule(input, actor)
      id = stored.rule.id
      return [
        changes.draft(before === undefined ? 'rule.added' : 'rule.confirmed', actor, stored, {
          before,
          because: plain(input.note ?? '', 500) || 'operator',
          of: input.approval,
        }),
      ]
    })
    return reader.row(reader.known(id))
  }

  /** The rule that a proposal would make. Faults: `not.found`, `not.possible`, `refused`. */
  readonly proposedRule = (input: ProposalInput, by: string): ProposedRule => {
    const { clock, learning } = this.#parts
    const { book } = learning
    const question = askedQuestion(this.#parts, input.approval)
    const { agent, action, risk } = question
    const proposed = ruleWidths(this.#parts, question, input.decision).find(
      ({ width }) => width === input.width,
    )
    if (proposed === undefined) throw noSuchWidth(question, input)
    if (input.decision === 'allow') refuseCritical(question)
    const at = isoTimestamp(clock.now() * 1000)
    const rule = confirmedIn(proposed.rule, { scope: input.scope, agent, at })
    refuseOpposed(book.opposing(rule), `a rule about ${proposed.covers}`)
    if (input.decision === 'ask') {
      const { matched } = learnedDecision(book, { agent, action, risk, now: clock.now(), clock })
      refuseOverridden(rule, matched)
    }
    const before = book
      .withSameTriggers(rule)
      .find(
        ({ rule: other }) =>
          other.policy_decision === rule.policy_decision && other.status !== 'archived',
      )
    const terms = { expiresAt: expiryAfter(input.days, clock.now()), by }
    return {
      stored:
        before === undefined ? toStored(rule, terms) : { ...confirmAgain(before, rule), ...terms },
      before,
    }
  }
}

/** The engine's rules for a decision on a question, narrowest first. */
function ruleWidths(
  { clock, learning }: Pick<ProposalParts, 'clock' | 'learning'>,
  { agent, action, risk }: AskedQuestion,
  decision: 'allow' | 'ask',
) {
  const engine = engineFor(agent, clock, () => taskRisk(action, risk))
  const question = { agent, action, risk, now: clock.now(), clock }
  const { record } = learnedDecision(learning.book, question)
  const [desired, override] =
    decision === 'allow'
      ? ([AUTO, 'prefer_auto_execute'] as const)
      : ([ASK, 'prefer_confirmation'] as const)
  return engine.proposals({
    task: taskOf(action, agent),
    record,
    feedback: {
      result: 'success',
      override,
      decision: ASK,
      risk: taskRisk(action, risk).level,
      prompted: true,
    },
    desired,
  })
}

function noSuchWidth({ action }: AskedQuestion, { width }: ProposalInput): Fault {
  return new Fault('not.possible', `${plain(action.target, 80)} has no rule of width ${width}`, {
    hint: 'Give --width exact.',
  })
}

function refuseCritical({ action, risk }: AskedQuestion): void {
  if (taskRisk(action, risk).level === 'critical')
    throw new Fault('refused', 'no rule allows an action of critical risk: a person decides', {
      hint: 'Allow it once.',
    })
}

function confirmedIn(
  rule: Rule,
  { scope, agent, at }: { scope: ScopeName; agent: AgentIdentity; at: string },
): Rule {
  const keys = { project: agent.name, domain: domainOfTemplate(agent.template), global: '' }
  return rehashed({
    ...rule,
    scope,
    scope_key: keys[scope],
    status: 'confirmed',
    last_seen_at: at,
    last_lifecycle_event_at: at,
  })
}

const NARROWEST_FIRST: readonly ScopeName[] = ['project', 'domain', 'global']

/**
 * Fault `not.possible` for an asking rule under an allowing one of a narrower scope, which wins.
 */
function refuseOverridden(rule: Rule, matched: readonly Rule[]): void {
  const narrower = matched.find(
    ({ status, policy_decision, scope }) =>
      status === 'confirmed' &&
      policy_decision === AUTO &&
      NARROWEST_FIRST.indexOf(scope) < NARROWEST_FIRST.indexOf(rule.scope),
  )
  if (narrower !== undefined)
    throw new Fault(
      'not.possible',
      `the rule would have no effect: ${plain(narrower.id, 80)} allows this in a narrower scope`,
      { hint: `clawdeck policy suspend ${quote([narrower.id])} first, or use its scope.` },
    )
}

/** Whether a confirmed rule would cover an action of an agent. */
function ruleCovers(rule: Rule, action: Action, agent: AgentIdentity): boolean {
  const engine = engineFor(agent, { now: () => 0, after: () => () => undefined })
  return engine.matches(rule, taskOf(action, agent))
}
