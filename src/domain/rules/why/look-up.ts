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

export interface LookUpParts {
  journal: Journal
  store: Store
  read: ReturnType<typeof eventReader>
}

/** A recorded question, its answer, and what became of it. */
export interface Recalled {
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

export type Found = { question: Recalled } | { change: DeckEvent<'rule.added'> }

/** What an id is about: a question for an action, an approval or an event of theirs, a change for a rule or an event of one. Fault `not.found`. */
export function lookUpWhy({ journal, store, read }: LookUpParts): (id: string) => Found {
  const requested = store.prepare<[string, number, string], StoredEvent>(
    "SELECT * FROM event WHERE subject = ? AND type = 'approval.requested' AND at = ? AND body ->> '$.id' = ? ORDER BY seq DESC LIMIT 1",
  )
  const moved = store.prepare<[string], StoredEvent>(
    "SELECT * FROM event WHERE type >= 'rule.' AND type < 'rule/' AND body ->> '$.stored.rule.id' = ? ORDER BY seq DESC LIMIT 1",
  )

  function ofApproval(approval: Approval): Recalled {
    const { id, agent, action, risk, reasons, askedAt } = approval
    const stored = requested.get(agent, askedAt, id)
    return {
      id,
      seq: stored?.seq ?? 0,
      at: askedAt,
      agent,
      action,
      risk,
      decision: 'require_approval',
      reasons,
      approval,
    }
  }

  function named(id: string): Found {
    const approval = journal.rows.get<Approval>('approval', id)
    if (approval !== undefined) return { question: ofApproval(approval) }
    if (/^act_[0-9a-z]{1,10}$/.test(id))
      return ofEvent(Number.parseInt(id.slice(4), 36), id, 'action.decided')
    const change = moved.get(id)
    if (change !== undefined) return { change: asEvent(change) as DeckEvent<'rule.added'> }
    throw unknown(id)
  }

  function ofEvent(seq: number, id: string, only?: string): Found {
    const stored = Number.isSafeInteger(seq) ? read.one(seq) : undefined
    if (stored === undefined || (only !== undefined && stored.type !== only)) throw unknown(id)
    const event = asEvent(stored)
    if (event.type === 'action.decided')
      return { question: decided(event as DeckEvent<'action.decided'>) }
    if (isRuleChange(event)) return { change: event }
    const of = ABOUT.has(event.type) ? (event.body as { id: string }).id : undefined
    if (of === undefined)
      throw new Fault('not.found', `event ${seq} is ${event.type}: nothing was asked there`, {
        hint: '`clawdeck audit search --type action.decided` and `--type approval.requested` show questions.',
      })
    return named(of)
  }

  return (id) => (/^[0-9]{1,15}$/.test(id) ? ofEvent(Number(id), `event ${id}`) : named(id))
}

const ABOUT: ReadonlySet<string> = new Set([
  'approval.requested',
  'approval.decided',
  'approval.expired',
  'action.reported',
])

function isRuleChange(event: DeckEvent): event is DeckEvent<'rule.added'> {
  return event.type.startsWith('rule.') && 'stored' in (event.body as Partial<RuleChange>)
}

function decided({ seq, at, subject, body }: DeckEvent<'action.decided'>): Recalled {
  return {
    id: body.id,
    seq,
    at,
    agent: subject,
    action: body.action,
    risk: body.risk,
    decision: body.decision,
    reasons: body.reasons,
    approval: undefined,
  }
}

function unknown(id: string): Fault {
  return new Fault('not.found', `nothing that was asked, and no rule, is called ${plain(id, 80)}`, {
    hint: '`clawdeck approvals list --state all` and `clawdeck audit search` show what was asked.',
  })
}
