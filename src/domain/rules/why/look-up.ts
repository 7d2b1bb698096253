import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import type { StoredEvent } from '../../../journal/chain.ts'
import type { Journal } from '../../../journal/journal.ts'
import { asEvent, type eventReader } from '../../../journal/read.ts'
import type { DeckEvent } from '../../../journal/types.ts'
import type { Store } from '../../../store/open.ts'
import type { Approval } from '../../approvals/types.ts'
import type { Action, Decision, Reason, Risk } from '../../policy/types.ts'
import type { RuleChange } from '../types.ts'

export interface WhySubjectParts {
  journal: Journal
  store: Store
  read: ReturnType<typeof eventReader>
}

/** A recorded question with its answer. */
export interface RecordedQuestion {
  id: string
  seq: number
  at: number
  agent: string
  action: Action
  risk: Risk
  decision: Decision
  reasons: Reason[]
  approval: Approval | undefined
}

export type WhySubject = { question: RecordedQuestion } | { change: DeckEvent<'rule.added'> }

/** Finds what an id is about: a question, or the change of a rule. */
export class WhySubjects {
  readonly #parts: WhySubjectParts
  readonly #requestOf: (approval: Approval) => StoredEvent | undefined
  readonly #latestChange: (rule: string) => StoredEvent | undefined

  constructor(parts: WhySubjectParts) {
    const { store } = parts
    this.#parts = parts
    const requests = store.prepare<[string, number, string], StoredEvent>(
      "SELECT * FROM event WHERE subject = ? AND type = 'approval.requested' AND at = ? AND body ->> '$.id' = ? ORDER BY seq DESC LIMIT 1",
    )
    const changes = store.prepare<[string], StoredEvent>(
      "SELECT * FROM event WHERE type >= 'rule.' AND type < 'rule/' AND body ->> '$.stored.rule.id' = ? ORDER BY seq DESC LIMIT 1",
    )
    this.#requestOf = ({ agent, askedAt, id }) => requests.get(agent, askedAt, id)
    this.#latestChange = (rule) => changes.get(rule)
  }

  /**
   * `id`: an action, an approval, a rule, or the number of one of their events. Fault `not.found`.
   */
  find(id: string): WhySubject {
    return /^[0-9]{1,15}$/.test(id) ? this.#ofEvent(Number(id), `event ${id}`) : this.#ofId(id)
  }

  #ofId(id: string): WhySubject {
    const approval = this.#parts.journal.rows.get<Approval>('approval', id)
    if (approval !== undefined) return { question: this.#ofApproval(approval) }
    if (/^act_[0-9a-z]{1,10}$/.test(id))
      return this.#ofEvent(Number.parseInt(id.slice(4), 36), id, 'action.decided')
    const change = this.#latestChange(id)
    if (change !== undefined) return { change: asEvent(change) as DeckEvent<'rule.added'> }
    throw unknownSubject(id)
  }

  #ofApproval(approval: Approval): RecordedQuestion {
    const { id, agent, action, risk, reasons, askedAt } = approval
    return {
      id,
      seq: this.#requestOf(approval)?.seq ?? 0,
      at: askedAt,
      agent,
      action,
      risk,
      decision: 'require_approval',
      reasons,
      approval,
    }
  }

  #ofEvent(seq: number, id: string, type?: string): WhySubject {
    const stored = Number.isSafeInteger(seq) ? this.#parts.read.one(seq) : undefined
    if (stored === undefined || (type !== undefined && stored.type !== type))
      throw unknownSubject(id)
    const event = asEvent(stored)
    if (event.type === 'action.decided')
      return { question: decidedQuestion(event as DeckEvent<'action.decided'>) }
    if (isRuleChange(event)) return { change: event }
    if (EVENTS_OF_QUESTIONS.has(event.type)) return this.#ofId((event.body as { id: string }).id)
    throw new Fault('not.found', `event ${seq} is ${event.type}, which is not about a question`, {
      hint: '`clawdeck audit search --type action.decided` and `--type approval.requested` show questions.',
    })
  }
}

const EVENTS_OF_QUESTIONS: ReadonlySet<string> = new Set([
  'approval.requested',
  'approval.decided',
  'approval.expired',
  'action.reported',
])

function isRuleChange(event: DeckEvent): event is DeckEvent<'rule.added'> {
  return event.type.startsWith('rule.') && 'stored' in (event.body as Partial<RuleChange>)
}

function decidedQuestion({
  seq,
  at,
  subject,
  body: { id, action, risk, decision, reasons },
}: DeckEvent<'action.decided'>): RecordedQuestion {
  return { id, seq, at, agent: subject, action, risk, decision, reasons, approval: undefined }
}

function unknownSubject(id: string): Fault {
  return new Fault('not.found', `no question and no rule ${plain(id, 80)}`, {
    hint: '`clawdeck approvals list --state all` and `clawdeck audit search` show what was asked.',
  })
}
