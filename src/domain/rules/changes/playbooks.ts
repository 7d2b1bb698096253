import { randomUUID } from 'node:crypto'
import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Draft } from '../../../journal/types.ts'
import type { Store } from '../../../store/open.ts'
import { newPlaybook } from '../../../clawpolicy/files/records.ts'
import type { Playbook } from '../../../clawpolicy/types.ts'
import type { RuleChanges } from './changes.ts'
import type { Learning } from '../learning/learning.ts'
import type { ruleReader } from '../read.ts'
import { toPlaybook, toRule, toStoredPlaybook } from '../stored.ts'
import { suggestPlaybooks } from './suggest.ts'
import type { PlaybookRow, PlaybookService, RuleRecord, RuleRow, StoredPlaybook } from '../types.ts'

export interface PlaybookParts {
  learning: Learning
  journal: Journal
  store: Store
  reader: ReturnType<typeof ruleReader>
  changes: RuleChanges
}

/** What can be done to all rules of a playbook at once, and their state after it. */
const STATE_AFTER = { confirm: 'confirmed', suspend: 'suspended', archive: 'archived' } as const
type PlaybookMove = keyof typeof STATE_AFTER

/**
 * Groups of rules. A playbook decides nothing itself. Faults: `not.found`, `not.possible`,
 * `input.invalid`, `journal.corrupt`.
 */
export class RulePlaybooks implements PlaybookService {
  readonly #parts: PlaybookParts
  readonly #all: () => Playbook[]

  constructor(parts: PlaybookParts) {
    this.#parts = parts
    const all = parts.store.prepare<[], { row: string }>('SELECT row FROM playbook ORDER BY id')
    this.#all = () => all.all().map(({ row }) => toPlaybook(JSON.parse(row) as StoredPlaybook))
  }

  async list(): Promise<PlaybookRow[]> {
    await this.#parts.learning.usable()
    return this.#all().map((playbook) => this.#row(playbook))
  }

  async save(
    {
      id = `playbook_${randomUUID().replaceAll('-', '').slice(0, 10)}`,
      summary,
      rules,
    }: { id?: string | undefined; summary: string; rules: string[] },
    actor: string,
  ): Promise<PlaybookRow> {
    const { learning, journal, reader } = this.#parts
    await learning.usable()
    await journal.append(() => {
      const before = journal.rows.get<StoredPlaybook>('playbook', id)
      const records = [...new Set(rules)].map((rule) => reader.known(rule))
      const playbook = newPlaybook({
        category: 'harden',
        ...(before === undefined ? {} : toPlaybook(before)),
        id,
        summary: plain(summary, 500),
        rules_used: records.map(({ rule }) => rule.id),
        confidence: Math.min(...records.map(({ rule }) => rule.confidence)),
      })
      const body = { playbook: toStoredPlaybook(playbook) }
      return [{ type: 'playbook.saved', actor, subject: '', body }]
    })
    return this.#row(this.#known(id))
  }

  async remove(id: string, actor: string): Promise<PlaybookRow> {
    const { learning, journal } = this.#parts
    await learning.usable()
    let removed: PlaybookRow | undefined
    await journal.append(() => {
      removed = this.#row(this.#known(id))
      return [{ type: 'playbook.removed', actor, subject: '', body: { id } }]
    })
    return removed as PlaybookRow
  }

  async apply(id: string, move: PlaybookMove, actor: string): Promise<RuleRow[]> {
    const { learning, journal, reader } = this.#parts
    await learning.usable()
    await journal.append(() => this.#moveDrafts(this.#known(id), move, actor))
    return this.#known(id).rules_used.map((rule) => reader.row(reader.known(rule)))
  }

  async suggest() {
    const { learning } = this.#parts
    await learning.usable()
    return suggestPlaybooks(learning.book.all(), this.#all())
  }

  /** Rules that are in the wanted state already stay unchanged. */
  #moveDrafts({ id, rules_used }: Playbook, move: PlaybookMove, actor: string): Draft[] {
    const { reader, changes } = this.#parts
    const records = [...new Set(rules_used)]
      .map((rule) => reader.known(rule))
      .filter(({ rule }) => rule.status !== STATE_AFTER[move])
    if (records.length === 0)
      throw new Fault(
        'not.possible',
        rules_used.length === 0
          ? `${id} has no rules`
          : `the rules of ${id} are already ${STATE_AFTER[move]}`,
      )
    if (move === 'confirm') for (const record of records) this.#refuseContradiction(record, records)
    const note = `playbook ${id}`
    return records.map((record) => changes.moveDraft(record, move, { note, actor }))
  }

  /** None of the rules is confirmed yet, so the check of confirmed rules does not find this. */
  #refuseContradiction(record: RuleRecord, records: readonly RuleRecord[]): void {
    const rule = toRule(record)
    const other = this.#parts.learning.book
      .withSameTriggers(rule)
      .find(
        (alike) =>
          alike.rule.policy_decision !== rule.policy_decision &&
          records.some((one) => one.rule.id === alike.rule.id),
      )
    if (other !== undefined)
      throw new Fault(
        'not.possible',
        `${rule.id} contradicts ${other.rule.id}, and both are in this playbook`,
        { hint: 'Save it without one of them.' },
      )
  }

  #known(id: string): Playbook {
    const stored = this.#parts.journal.rows.get<StoredPlaybook>('playbook', id)
    if (stored !== undefined) return toPlaybook(stored)
    throw new Fault('not.found', `no playbook ${plain(id, 80)}`, {
      hint: '`clawdeck policy playbook list` shows them.',
    })
  }

  #row({ id, summary, category, trigger, rules_used: rules, confidence }: Playbook): PlaybookRow {
    const { book } = this.#parts.learning
    const confirmed = rules.filter((rule) => book.get(rule)?.rule.status === 'confirmed').length
    return { id, summary, category, trigger, rules, confidence, confirmed }
  }
}
