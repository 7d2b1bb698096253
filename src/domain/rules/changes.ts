import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Draft } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import { isoTimestamp } from '../../clawpolicy/times.ts'
import type { Rule } from '../../clawpolicy/types.ts'
import { ruleCan } from './rules.ts'
import { edited, merged } from './edit.ts'
import { LEARNED_FOR, renewedEnd } from './lessons.ts'
import { rivalsOf, type ruleReader } from './read.ts'
import { isOver } from './rule-book.ts'
import type { Learning } from './service.ts'
import { moved, ruleOf, subjectOf } from './stored.ts'
import type { RuleRecord, RuleEdit, RuleEventType, RuleRow, StoredRule } from './types.ts'
import { quote } from '../../base/quote.ts'

export interface RuleChangeParts {
  learning: Learning
  journal: Journal
  store: Store
  clock: Clock
  reader: ReturnType<typeof ruleReader>
}

export type RuleMove = 'confirm' | 'suspend' | 'resume' | 'archive' | 'restore'

const LEADS: Record<RuleMove, { event: RuleEventType; to: (rule: Rule) => Partial<Rule> }> = {
  confirm: {
    event: 'rule.confirmed',
    to: () => ({
      status: 'confirmed',
      suspension_reason: '',
      failure_streak: 0,
      override_streak: 0,
      conflict_count: 0,
    }),
  },
  suspend: {
    event: 'rule.suspended',
    to: () => ({ status: 'suspended', suspension_reason: 'operator' }),
  },
  resume: {
    event: 'rule.resumed',
    to: () => ({
      status: 'candidate',
      suspension_reason: '',
      failure_streak: 0,
      override_streak: 0,
      conflict_count: 0,
    }),
  },
  archive: { event: 'rule.archived', to: () => ({ status: 'archived' }) },
  restore: {
    event: 'rule.restored',
    to: (rule) => ({
      status: rule.policy_decision === '' ? 'hint' : 'candidate',
      suspension_reason: '',
      failure_streak: 0,
      override_streak: 0,
      conflict_count: 0,
    }),
  },
}

const DAY = 86_400_000

/** When something ends that holds for so many days from `now` on, in Unix milliseconds; null: until somebody ends it. */
export function endOf(days: number | null, now: number): number | null {
  return days === null ? null : now + Math.round(days * DAY)
}

/** What a person makes of rules: each act is an event of its own, and the last word until the next. Faults: `not.found`, `not.possible`, `input.invalid`, `journal.corrupt`. */
export function ruleChangeService({ learning, journal, store, clock, reader }: RuleChangeParts) {
  const { book } = learning
  const ofAgent = store.prepare<[string], { row: string }>(
    `SELECT row FROM rule WHERE status IN ('candidate', 'confirmed') AND row ->> '$.rule.scope' = 'project' AND row ->> '$.rule.scope_key' = ?`,
  )
  const at = () => isoTimestamp(clock.now() * 1000)
  const words = (note: string) => plain(note, 500) || 'operator'

  /** One change, judged and written where the rules are as the table has them. */
  async function change(id: string, make: (kept: RuleRecord) => Draft[]): Promise<RuleRow> {
    await learning.usable()
    await journal.append(() => make(reader.known(id)))
    return reader.row(reader.known(id))
  }

  /** An event about a rule. It belongs to the rule's agent, if there is one of that name. */
  function draft(
    type: RuleEventType,
    actor: string,
    stored: StoredRule,
    more: { before: RuleRecord | undefined; because: string; of?: string },
  ): Draft {
    return {
      type,
      actor,
      subject: subjectOf(journal.rows, stored.rule),
      body: {
        stored,
        from: more.before?.rule.status ?? null,
        because: more.because,
        of: more.of ?? '',
        outcome: null,
      },
    }
  }

  /** A state given by a person. A confirmed rule never stands against another one that says otherwise: that has to go first. */
  function acted(kept: RuleRecord, act: RuleMove, note: string, actor: string): Draft {
    const rule = ruleOf(kept)
    const over = isOver(kept, clock.now())
    const refusal = ruleCan[act]({ ...reader.row(kept), expired: over })
    if (refusal !== undefined)
      throw new Fault('not.possible', refusal, {
        hint: `\`clawdeck policy rule ${quote([rule.id])}\` shows it.`,
      })
    if (act === 'confirm') refuseRivals(rivalsOf(book, rule), rule.id)
    const now = at()
    const stored = moved(kept, {
      ...LEADS[act].to(rule),
      last_lifecycle_event_at: now,
      ...(act === 'confirm' ? { last_seen_at: now } : {}),
    })
    const expiresAt =
      act === 'confirm'
        ? renewedEnd(kept, clock.now())
        : act === 'restore' && over
          ? clock.now() + LEARNED_FOR
          : kept.expiresAt
    return draft(
      LEADS[act].event,
      actor,
      { ...stored, expiresAt },
      { before: kept, because: words(note) },
    )
  }

  /** A rule is not laid out for an agent that somebody may make later. */
  function refuseNobodys({ rule: before }: StoredRule, { rule }: StoredRule): void {
    const moved = rule.scope !== before.scope || rule.scope_key !== before.scope_key
    if (
      !moved ||
      rule.scope !== 'project' ||
      journal.rows.get('agent', rule.scope_key) !== undefined
    )
      return
    throw new Fault('agent.unknown', `no agent ${plain(rule.scope_key, 80)}`, {
      hint: '`clawdeck list` shows them.',
    })
  }

  const does = (act: RuleMove) => (id: string, note: string, actor: string) =>
    change(id, (kept) => [acted(kept, act, note, actor)])

  return {
    draft,
    acted,
    confirm: does('confirm'),
    suspend: does('suspend'),
    resume: does('resume'),
    archive: does('archive'),
    restore: does('restore'),

    edit: (id: string, edit: RuleEdit, actor: string) =>
      change(id, (kept) => {
        refuse(ruleCan.edit(reader.row(kept)))
        const stored = edited(kept, edit, { at: at(), endsAt: (days) => endOf(days, clock.now()) })
        refuseNobodys(kept, stored)
        return [draft('rule.edited', actor, stored, { before: kept, because: 'operator' })]
      }),

    async merge(ids: readonly string[], actor: string): Promise<RuleRow> {
      await learning.usable()
      await journal.append(() => {
        const all = ids.map((id) => reader.known(id))
        for (const kept of all) refuse(ruleCan.merge(reader.row(kept)))
        const { into, others, stored } = merged(all)
        return [
          draft('rule.merged', actor, stored, {
            before: into,
            because: `with ${others.map(({ rule }) => rule.id).join(', ')}`,
          }),
          ...others.map((other) =>
            draft(
              'rule.archived',
              actor,
              moved(other, { status: 'archived', last_lifecycle_event_at: at() }),
              { before: other, because: `merged into ${into.rule.id}` },
            ),
          ),
        ]
      })
      return reader.row(reader.known(ids[0] ?? ''))
    },

    /** What was learned of an agent that is deleted asks from now on: its name may be another's tomorrow. Read from the table, which is there before the rules are known. */
    retire: (agent: string, actor: string): Draft[] =>
      ofAgent
        .all(agent)
        .map(({ row }) => JSON.parse(row) as RuleRecord)
        .map((kept) =>
          draft(
            'rule.suspended',
            actor,
            moved(kept, {
              status: 'suspended',
              suspension_reason: 'agent_deleted',
              last_lifecycle_event_at: at(),
            }),
            { before: kept, because: 'agent_deleted' },
          ),
        ),
  }
}

/** Refuses what would make a rule stand against confirmed ones. */
export function refuseRivals(rivals: readonly string[], id: string): void {
  const [first] = rivals
  if (first !== undefined)
    throw new Fault(
      'not.possible',
      `${id} says the opposite of ${rivals.join(', ')}, which ${rivals.length === 1 ? 'is' : 'are'} confirmed`,
      { hint: `clawdeck policy suspend ${quote([first])} first, or archive it.` },
    )
}

function refuse(reason: string | undefined): void {
  if (reason !== undefined) throw new Fault('not.possible', reason)
}
