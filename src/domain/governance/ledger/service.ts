import type { Clock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import { timedUuid } from '../../../base/ids.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Draft } from '../../../journal/types.ts'
import type { GuardService } from '../../approvals/guard-service.ts'
import { expiredDraft } from '../../approvals/drafts.ts'
import type { Approval, ApprovalService } from '../../approvals/types.ts'
import { outcomeFields, storedConfidence, whyNoApproval, whyNoOutcome } from '../actions/rules.ts'
import { apiAgentName } from '../agents/rules.ts'
import type { ApiAuthor, ApiDecision, ApiGuard } from '../guard/service.ts'
import type { RecordStore } from '../records/service.ts'
import { requireNo, required } from '../refusals.ts'
import { redactDeep } from '../scanning/secrets.ts'
import type { SecuritySummary } from '../scanning/types.ts'
import { storedCost, storedTokens } from '../tokens/rules.ts'
import { removeBelongings } from './belongings.ts'
import type { Admission } from './admission.ts'
import { ledgerId } from './noun.ts'
import { afterGuard, countedOutcome, UNTOLD } from './recorded.ts'
import type { LedgerEntry, OutcomeListener, RecordedAction } from './types.ts'

/** What an agent tells of an action that it is about to do. */
export interface ToldAction extends Partial<
  Omit<RecordedAction, 'agent_id' | 'action_type' | 'declared_goal'>
> {
  agent_id: string
  action_type: string
  declared_goal: string
  intel?: Readonly<Record<string, unknown>>
}

interface LedgerParts {
  journal: Journal
  clock: Clock
  guard: ApiGuard
  /** Takes what agents report as evidence. */
  evidence: Pick<GuardService, 'report'>
  approvals: ApprovalService
  admission: Admission
  /** Learns from outcomes. */
  outcomes: OutcomeListener
  records: RecordStore
}

/** What a write answers: the action, and what was taken out of it. */
export interface WrittenAction {
  action: RecordedAction
  security: SecuritySummary
}

/** The ledger: actions of agents anywhere, from the question to the outcome. */
export class Ledger {
  readonly #parts: LedgerParts

  constructor(parts: LedgerParts) {
    this.#parts = parts
  }

  /** An action. Fault `not.found`, also for one of another organisation. */
  get(org: string, id: string): RecordedAction {
    return this.entry(org, id).action
  }

  entry(org: string, id: string): LedgerEntry {
    return required(
      this.#parts.journal.rows.get<LedgerEntry>('ledger', ledgerId(org, id)),
      `Action ${id}`,
    )
  }

  /**
   * Writes an action down once the guard decided about it. What is blocked is recorded too; what is
   * held waits for a person. Faults: `input.invalid`, `name.taken` for an id that is in use,
   * `NotAdmitted`.
   */
  async create(
    author: ApiAuthor,
    given: ToldAction,
  ): Promise<WrittenAction & { decision: ApiDecision['reply'] }> {
    const { intel = {}, ...told } = given
    const { value, security } = redactDeep(told)
    const action = this.#actionOf(value)
    const name = apiAgentName(author.slug, action.agent_id)
    let recorded: RecordedAction = action
    const { guard, admission } = this.#parts
    admission.require(author.org, action.agent_id)
    const { reply } = await guard.decide(
      author,
      {
        agentId: action.agent_id,
        actionType: given.action_type,
        // As it was told: in the place of a secret, policies would see none of what it hid.
        goal: given.declared_goal,
        systems: given.systems_touched ?? [],
        reversible: action.reversible,
        scope: given.authorization_scope ?? null,
        claimedRisk: given.risk_score ?? null,
        actionId: action.action_id,
        intel,
      },
      (asked, { reply: decided }, decision) => {
        this.#requireNew(author.org, action.action_id)
        admission.require(author.org, action.agent_id)
        recorded = afterGuard(action, decided, given.status ?? null)
        const question = asked.body.id
        const approval = asked.type === 'approval.requested' ? question : ''
        const known = { ...decision, ledger_action_id: action.action_id }
        return [
          ...this.#seen(name, author, action),
          {
            type: 'ledger.recorded',
            actor: author.actor,
            subject: name,
            body: { org: author.org, approval, question, action: recorded, decision: known },
          },
        ]
      },
    )
    return { action: recorded, security, decision: reply }
  }

  /**
   * Writes down what came of an action. Faults: `not.found`, `not.possible` for one that is held or
   * blocked, `input.invalid` for no field.
   */
  async report(author: ApiAuthor, id: string, given: object): Promise<WrittenAction> {
    const { value, security } = redactDeep(given)
    const fields = outcomeFields(value as Record<string, unknown>)
    if (fields === undefined)
      throw new Fault('input.invalid', 'none of the fields of an outcome was given')
    const { journal, clock, outcomes } = this.#parts
    await journal.append((next) => {
      const { action, agent } = this.entry(author.org, id)
      requireNo(whyNoOutcome(action))
      const change: Partial<RecordedAction> = {
        ...countedOutcome(action, fields as Partial<RecordedAction>),
        updated_at: new Date(clock.now()).toISOString(),
      }
      return [
        {
          type: 'ledger.reported',
          actor: author.actor,
          subject: apiAgentName(author.slug, agent),
          body: { org: author.org, id, change },
        },
        ...outcomes.belonging(author, { ...action, ...change }, next + 1),
      ]
    })
    const entry = this.entry(author.org, id)
    await this.#teach(author, entry)
    await outcomes.reported(author, entry.action)
    return { action: entry.action, security }
  }

  /** Decides about a held action, as a key that may. Faults: `not.found`, `input.invalid`. */
  async decide(
    author: ApiAuthor,
    id: string,
    { decision, reasoning }: { decision: 'allow' | 'deny'; reasoning: string | null },
  ): Promise<RecordedAction> {
    const { approvals } = this.#parts
    const { action, approval } = this.entry(author.org, id)
    requireNo(whyNoApproval(action))
    const note = reasoning ?? ''
    if (decision === 'allow') await approvals.allow(approval, { note }, author.actor)
    else await approvals.deny(approval, { note }, author.actor)
    return this.get(author.org, id)
  }

  /**
   * Takes actions out of the ledger, with their loops and assumptions; one that waits for a person
   * waits no longer. Unknown ids are left out. Answers those that went.
   */
  async remove(author: ApiAuthor, ids: readonly string[]): Promise<string[]> {
    let gone: string[] = []
    const { journal, records } = this.#parts
    await journal.append((next) => {
      const { org, actor } = author
      const entries = [...new Set(ids)].flatMap(
        (id) => journal.rows.get<LedgerEntry>('ledger', ledgerId(org, id)) ?? [],
      )
      gone = entries.map(({ action }) => action.action_id)
      if (gone.length === 0) return []
      const changes = records.changes({ org, actor, subject: '' }, next)
      for (const id of gone) removeBelongings(changes, id)
      const held = entries.flatMap(({ approval }) => this.#waiting(approval) ?? [])
      const body = { org, ids: gone }
      return [
        ...changes.drafts,
        { type: 'ledger.removed', actor, subject: '', body },
        ...held.map((approval) => expiredDraft(approval, 'Its action was deleted')),
      ]
    })
    return gone
  }

  /** An approval that waits for a person; undefined for any other. */
  #waiting(id: string): Approval | undefined {
    const approval = id === '' ? undefined : this.#parts.journal.rows.get<Approval>('approval', id)
    return approval?.state === 'pending' ? approval : undefined
  }

  #requireNew(org: string, id: string): void {
    if (this.#parts.journal.rows.get('ledger', ledgerId(org, id)) !== undefined)
      throw new Fault('name.taken', `the action ${id} was recorded before`)
  }

  #seen(name: string, { org, actor }: ApiAuthor, action: RecordedAction): Draft[] {
    if (this.#parts.journal.rows.get('api_agent', name) !== undefined) return []
    const body = { org, id: action.agent_id, label: action.agent_name }
    return [{ type: 'api_agent.seen', actor, subject: name, body }]
  }

  /** What an agent says of its outcome is evidence, and nothing more. */
  async #teach({ slug }: ApiAuthor, { question, agent, action }: LedgerEntry): Promise<void> {
    const { status } = action
    if (status !== 'completed' && status !== 'failed') return
    const result = status === 'completed' ? 'success' : 'failure'
    await this.#parts.evidence
      .report(apiAgentName(slug, agent), question, { result, exitCode: null, note: '' })
      .catch(() => {
        // Another outcome was reported before: the first one is the evidence.
      })
  }

  #actionOf(given: Omit<ToldAction, 'intel'>): RecordedAction {
    const at = this.#parts.clock.now()
    const now = new Date(at).toISOString()
    const told = { ...UNTOLD, ...given }
    const tokensIn = storedTokens(told.tokens_in)
    const tokensOut = storedTokens(told.tokens_out)
    const { cost_estimate: cost, model } = told
    return {
      ...told,
      action_id: given.action_id ?? `act_${timedUuid(at)}`,
      confidence: storedConfidence(given.confidence),
      tokens_in: tokensIn,
      tokens_out: tokensOut,
      cost_estimate: storedCost({ cost, model, tokensIn, tokensOut }),
      timestamp_start: given.timestamp_start ?? now,
      approved_by: null,
      approved_at: null,
      created_at: now,
      updated_at: now,
    }
  }
}
