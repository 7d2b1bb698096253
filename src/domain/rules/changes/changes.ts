import type { Clock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Draft } from '../../../journal/types.ts'
import type { Store } from '../../../store/open.ts'
import { isoTimestamp } from '../../../clawpolicy/times.ts'
import { editRule, mergedRule } from './edit.ts'
import type { Learning } from '../learning/learning.ts'
import {
  EVENT_OF_MOVE,
  expiryAfter,
  movedRule,
  refuseMove,
  refuseOpposed,
  type RuleMove,
} from './moves.ts'
import type { ruleReader } from '../read.ts'
import { ruleCan } from '../rules.ts'
import { eventSubject, toRule, withChange } from '../stored.ts'
import type { RuleRecord, RuleEdit, RuleEventType, RuleRow, StoredRule } from '../types.ts'

export interface RuleChangeParts {
  learning: Learning
  journal: Journal
  store: Store
  clock: Clock
  reader: ReturnType<typeof ruleReader>
}

interface ChangeDetails {
  before: RuleRecord | undefined
  because: string
  of?: string
}

/**
 * Changes of rules by operators, each an event of its own. Faults: `not.found`, `not.possible`,
 * `input.invalid`, `journal.corrupt`.
 */
export class RuleChanges {
  readonly #parts: RuleChangeParts
  readonly #ofAgent: (agent: string) => RuleRecord[]
  readonly #before: (time: number) => RuleRecord[]

  constructor(parts: RuleChangeParts) {
    this.#parts = parts
    const select = "SELECT row FROM rule WHERE status IN ('candidate', 'confirmed')"
    const ofAgent = parts.store
      .prepare<[string], string>(
        `${select} AND row ->> '$.rule.scope' = 'project' AND row ->> '$.rule.scope_key' = ?`,
      )
      .pluck()
    const before = parts.store.prepare<[number], string>(`${select} AND changedAt < ?`).pluck()
    const parsed = (rows: string[]) => rows.map((row) => JSON.parse(row) as RuleRecord)
    this.#ofAgent = (agent) => parsed(ofAgent.all(agent))
    this.#before = (time) => parsed(before.all(time))
  }

  async move(id: string, move: RuleMove, note: string, actor: string): Promise<RuleRow> {
    return this.#change(id, (record) => [this.moveDraft(record(), move, { note, actor })])
  }

  async edit(id: string, edit: RuleEdit, actor: string): Promise<RuleRow> {
    const { clock, reader } = this.#parts
    return this.#change(id, (current) => {
      const record = current()
      refuse(ruleCan.edit(reader.row(record)))
      const stored = editRule(record, edit, {
        at: this.#at(),
        expiryAfter: (days) => expiryAfter(days, clock.now()),
      })
      this.#refuseUnknownAgent(record, stored)
      return [this.draft('rule.edited', actor, stored, { before: record, because: 'operator' })]
    })
  }

  async merge(ids: readonly string[], actor: string): Promise<RuleRow> {
    const { reader } = this.#parts
    const [first = ''] = ids
    return this.#change(first, () => {
      const records = ids.map((id) => reader.known(id))
      for (const record of records) refuse(ruleCan.merge(reader.row(record)))
      const { into, others, stored } = mergedRule(records)
      const because = `with ${others.map(({ rule }) => rule.id).join(', ')}`
      return [
        this.draft('rule.merged', actor, stored, { before: into, because }),
        ...others.map((other) => this.#archiveMerged(other, into, actor)),
      ]
    })
  }

  /** Events that suspend a deleted agent's rules: another agent may get its name. */
  retire(agent: string, actor: string): Draft[] {
    return this.#ofAgent(agent).map((record) => this.#retired(record, 'agent_deleted', actor))
  }

  /**
   * Events that suspend rules last changed before a time, in Unix milliseconds: later events about
   * them are lost.
   */
  retireBefore(time: number, actor: string): Draft[] {
    return this.#before(time).map((record) => this.#retired(record, 'journal_loss', actor))
  }

  /**
   * The event of a move. A rule that contradicts a confirmed rule is not confirmed. Fault
   * `not.possible`.
   */
  moveDraft(
    record: RuleRecord,
    move: RuleMove,
    { note, actor }: { note: string; actor: string },
  ): Draft {
    const { learning, clock } = this.#parts
    refuseMove(record, move, clock.now())
    if (move === 'confirm') refuseOpposed(learning.book.opposing(toRule(record)), record.rule.id)
    const stored = movedRule(record, move, { at: this.#at(), now: clock.now() })
    const because = plain(note, 500) || 'operator'
    return this.draft(EVENT_OF_MOVE[move], actor, stored, { before: record, because })
  }

  draft(
    type: RuleEventType,
    actor: string,
    stored: StoredRule,
    { before, because, of = '' }: ChangeDetails,
  ): Draft {
    return {
      type,
      actor,
      subject: eventSubject(this.#parts.journal.rows, stored.rule),
      body: { stored, from: before?.rule.status ?? null, because, of, outcome: null },
    }
  }

  /** Decides and appends a change while the rules are as the table has them. */
  async #change(id: string, drafts: (record: () => RuleRecord) => Draft[]): Promise<RuleRow> {
    const { learning, journal, reader } = this.#parts
    await learning.usable()
    await journal.append(() => drafts(() => reader.known(id)))
    return reader.row(reader.known(id))
  }

  #archiveMerged(other: RuleRecord, into: RuleRecord, actor: string): Draft {
    const stored = withChange(other, { status: 'archived', last_lifecycle_event_at: this.#at() })
    const because = `merged into ${into.rule.id}`
    return this.draft('rule.archived', actor, stored, { before: other, because })
  }

  #retired(record: RuleRecord, because: string, actor: string): Draft {
    const stored = withChange(record, {
      status: 'suspended',
      suspension_reason: because,
      last_lifecycle_event_at: this.#at(),
    })
    return this.draft('rule.suspended', actor, stored, { before: record, because })
  }

  #at(): string {
    return isoTimestamp(this.#parts.clock.now() * 1000)
  }

  /** A rule is not moved to an agent that does not exist: somebody may create it later. */
  #refuseUnknownAgent({ rule: before }: StoredRule, { rule }: StoredRule): void {
    const isSameScope = rule.scope === before.scope && rule.scope_key === before.scope_key
    const { rows } = this.#parts.journal
    if (isSameScope || rule.scope !== 'project' || rows.get('agent', rule.scope_key) !== undefined)
      return
    throw new Fault('agent.unknown', `no agent ${plain(rule.scope_key, 80)}`, {
      hint: '`clawdeck list` shows the agents.',
    })
  }
}

function refuse(reason: string | undefined): void {
  if (reason !== undefined) throw new Fault('not.possible', reason)
}
