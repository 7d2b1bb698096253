import { randomUUID } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Draft } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import { newPlaybook } from '../../clawpolicy/files/records.ts'
import type { Playbook } from '../../clawpolicy/types.ts'
import type { RuleMove, ruleChangeService } from './changes.ts'
import type { ruleReader } from './read.ts'
import type { Learning } from './service.ts'
import { playbookOf, ruleOf, storedPlaybook } from './stored.ts'
import { suggestions, type Suggestion } from './suggest.ts'
import type { RuleRecord, PlaybookRow, RuleRow, StoredPlaybook } from './types.ts'

export interface PlaybookParts {
  learning: Learning
  journal: Journal
  store: Store
  clock: Clock
  reader: ReturnType<typeof ruleReader>
  desk: ReturnType<typeof ruleChangeService>
}

/** What can be done to all the rules of a playbook at once, and the state that each is in then. */
const LEAVES = { confirm: 'confirmed', suspend: 'suspended', archive: 'archived' } as const
type Whole = Extract<RuleMove, keyof typeof LEAVES>

/** Rules that belong together. A playbook decides nothing itself. Faults: `not.found`, `not.possible`, `input.invalid`, `journal.corrupt`. */
export function playbookService({ learning, journal, store, reader, desk }: PlaybookParts) {
  const { book } = learning
  const every = store.prepare<[], { row: string }>('SELECT row FROM playbook ORDER BY id')
  const all = () => every.all().map(({ row }) => playbookOf(JSON.parse(row) as StoredPlaybook))
  const row = ({
    id,
    summary,
    category,
    trigger,
    rules_used: rules,
    confidence,
  }: Playbook): PlaybookRow => ({
    id,
    summary,
    category,
    trigger,
    rules,
    confidence,
    confirmed: rules.filter((rule) => book.get(rule)?.rule.status === 'confirmed').length,
  })

  function known(id: string): Playbook {
    const stored = journal.rows.get<StoredPlaybook>('playbook', id)
    if (stored === undefined)
      throw new Fault('not.found', `no playbook ${plain(id, 80)}`, {
        hint: '`clawdeck policy playbook list` shows them.',
      })
    return playbookOf(stored)
  }

  return {
    async list(): Promise<PlaybookRow[]> {
      await learning.usable()
      return all().map(row)
    },

    async save(
      {
        id = `playbook_${randomUUID().replaceAll('-', '').slice(0, 10)}`,
        summary,
        rules,
      }: { id?: string | undefined; summary: string; rules: string[] },
      actor: string,
    ): Promise<PlaybookRow> {
      await learning.usable()
      await journal.append(() => {
        const before = journal.rows.get<StoredPlaybook>('playbook', id)
        const kept = [...new Set(rules)].map((rule) => reader.known(rule))
        const confidence = Math.min(...kept.map(({ rule }) => rule.confidence))
        const playbook = newPlaybook({
          category: 'harden',
          ...(before === undefined ? {} : playbookOf(before)),
          id,
          summary: plain(summary, 500),
          rules_used: kept.map(({ rule }) => rule.id),
          confidence,
        })
        return [
          {
            type: 'playbook.saved',
            actor,
            subject: '',
            body: { playbook: storedPlaybook(playbook) },
          },
        ]
      })
      return row(known(id))
    },

    async remove(id: string, actor: string): Promise<PlaybookRow> {
      await learning.usable()
      let gone: PlaybookRow | undefined
      await journal.append(() => {
        gone = row(known(id))
        return [{ type: 'playbook.removed', actor, subject: '', body: { id } }]
      })
      return gone as PlaybookRow
    },

    /** All of its rules or none: in one append. Those that are there already stay as they are. */
    async apply(id: string, act: Whole, actor: string): Promise<RuleRow[]> {
      await learning.usable()
      await journal.append(() => acted(known(id), act, actor))
      return known(id).rules_used.map((rule) => reader.row(reader.known(rule)))
    },

    async suggest(): Promise<Suggestion[]> {
      await learning.usable()
      return suggestions(book.all(), all())
    },
  }

  function acted({ id, rules_used }: Playbook, act: Whole, actor: string): Draft[] {
    const rules = [...new Set(rules_used)]
      .map((rule) => reader.known(rule))
      .filter(({ rule }) => rule.status !== LEAVES[act])
    if (rules.length === 0)
      throw new Fault(
        'not.possible',
        rules_used.length === 0
          ? `${id} names no rule`
          : `the rules of ${id} are ${LEAVES[act]} already`,
      )
    if (act === 'confirm') for (const kept of rules) refuseTwoMinds(kept, rules)
    return rules.map((kept) => desk.acted(kept, act, `playbook ${id}`, actor))
  }

  /** Of rules that are confirmed together none may say the opposite of another: neither is confirmed yet, so neither would notice. */
  function refuseTwoMinds(kept: RuleRecord, rules: readonly RuleRecord[]): void {
    const rule = ruleOf(kept)
    const other = book
      .alike(rule)
      .find(
        (alike) =>
          alike.rule.policy_decision !== rule.policy_decision &&
          rules.some((one) => one.rule.id === alike.rule.id),
      )
    if (other !== undefined)
      throw new Fault(
        'not.possible',
        `${rule.id} says the opposite of ${other.rule.id}, and both are of this playbook`,
        { hint: 'Save it without one of them.' },
      )
  }
}
