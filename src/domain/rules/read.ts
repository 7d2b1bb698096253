import type { Journal } from '../../journal/journal.ts'
import type { Store } from '../../store/open.ts'
import { Fault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import { riskyRules } from '../../clawpolicy/evidence/history.ts'
import type { Rule } from '../../clawpolicy/types.ts'
import { ruleHistory } from './history.ts'
import { markdownOf } from './markdown.ts'
import { byRuleAttention, ruleRow } from './row.ts'
import { hasExpired, type RuleBook } from './rule-book.ts'
import { toRule } from './stored.ts'
import { domainOfTemplate } from './task.ts'
import type { RuleFilter, RuleRecord, RuleDetail, RuleRow, RuleStatus } from './types.ts'

export interface RuleReaderParts {
  book: RuleBook
  journal: Journal
  store: Store
}

/** Recent moves that the status shows. */
const MAX_RECENT = 100

/** Reads learned rules. */
export function ruleReader(parts: RuleReaderParts) {
  const { book, journal, store } = parts
  const history = ruleHistory(store)
  const playbooksWith = playbookFinder(store)
  const row = (record: RuleRecord) => ruleRow(parts, record)

  /** Fault `not.found`. */
  function known(id: string): RuleRecord {
    const record = book.get(id)
    if (record !== undefined) return record
    throw new Fault('not.found', `no rule ${plain(id, 80)}`, {
      hint: '`clawdeck policy rules` shows them.',
    })
  }

  return {
    known,
    row,
    recent: history.moves,

    list({ status, agent, text, limit }: RuleFilter): RuleRow[] {
      const hasText = textFilter(text)
      const isInScope = agent === undefined ? () => true : scopeFilter(journal, agent)
      return [...book.all()]
        .filter(
          ({ rule }) =>
            (status === undefined || rule.status === status) && isInScope(rule) && hasText(rule),
        )
        .toSorted(byRuleAttention)
        .slice(0, limit)
        .map(row)
    },

    get(id: string): RuleDetail {
      const record = known(id)
      const { outcomes, changedAt: _, seq: __, ...stored } = record
      return {
        row: row(record),
        stored,
        outcomes,
        history: history.of(id),
        playbooks: playbooksWith(id),
        markdown: markdownOf(toRule(record)),
      }
    },

    status: (now: number): RuleStatus => ruleStatus(parts, now),
    risky: (now: number): RuleRow[] => riskyRecords(validRecords(book, now)).map(row),
    /** The number of rules in each state. */
    counts: () => book.counts(),
    /** A rule that is not archived, or null. */
    shown(id: string): RuleRow | null {
      const record = book.get(id)
      return record === undefined || record.rule.status === 'archived' ? null : row(record)
    },
  }
}

/** Finds the ids of playbooks that have a rule. */
function playbookFinder(store: Store): (rule: string) => string[] {
  const playbooks = store.prepare<[], { row: string }>('SELECT row FROM playbook')
  return (rule) =>
    playbooks
      .all()
      .map(({ row }) => JSON.parse(row) as { playbook: { id: string; rules_used: string[] } })
      .filter(({ playbook }) => playbook.rules_used.includes(rule))
      .map(({ playbook }) => playbook.id)
}

function ruleStatus(parts: RuleReaderParts, now: number): RuleStatus {
  const { book, store } = parts
  const row = (record: RuleRecord) => ruleRow(parts, record)
  const records = validRecords(book, now)
  const recent = ruleHistory(store).moves(MAX_RECENT)
  return {
    counts: book.counts(),
    promotions: recent.filter(({ to }) => to === 'confirmed'),
    suspensions: recent.filter(({ to }) => to === 'suspended'),
    risky: riskyRecords(records).map(row),
    scopes: records.filter(isScoped).map(row),
    conflicts: records.filter((record) => hasConflict(book, record)).map(row),
  }
}

function validRecords(book: RuleBook, now: number): RuleRecord[] {
  return [...book.all()].filter((record) => !hasExpired(record, now))
}

function riskyRecords(records: readonly RuleRecord[]): RuleRecord[] {
  const risky = new Set(riskyRules(records.map(toRule)).map(({ id }) => id))
  return records.filter(({ rule }) => risky.has(rule.id))
}

/** Rules in force, or suspended, that do not apply everywhere. */
function isScoped({ rule: { scope, status } }: RuleRecord): boolean {
  return scope !== 'global' && (status === 'confirmed' || status === 'suspended')
}

function hasConflict(book: RuleBook, record: RuleRecord): boolean {
  return record.rule.status !== 'archived' && book.opposing(toRule(record), 1).length > 0
}

/** Whether a rule has all these words. */
function textFilter(text = ''): (rule: RuleRecord['rule']) => boolean {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return ({ id, summary, trigger }) => {
    const searched = `${id} ${summary} ${trigger.join(' ')}`.toLowerCase()
    return words.every((word) => searched.includes(word))
  }
}

/** Whether a rule applies to an agent. Fault `agent.unknown`. */
function scopeFilter(
  journal: Journal,
  agent: string,
): (rule: Pick<Rule, 'scope' | 'scope_key'>) => boolean {
  const template = journal.rows.get<{ template: string }>('agent', agent)?.template
  if (template === undefined)
    throw new Fault('agent.unknown', `no agent ${agent}`, {
      hint: '`clawdeck list` shows the agents.',
    })
  const keys = { project: agent, domain: domainOfTemplate(template), global: '' }
  return ({ scope, scope_key }) => scope_key === '' || scope_key === keys[scope]
}
