import type { Clock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Draft } from '../../../journal/types.ts'
import { stamp } from '../learned/times.ts'
import { ASK, AUTO, type Rule } from '../learned/types.ts'
import { LEARNED_FOR } from './lessons.ts'
import { rivalsOf, type ruleReader } from './rows.ts'
import type { Learning } from './service.ts'
import { moved, ruleOf } from './stored.ts'
import { ruleCan } from './can.ts'
import type { KeptRule, RuleEdit, RuleEventType, RuleRow, StoredRule } from './types.ts'

export interface DeskParts { learning: Learning; journal: Journal; clock: Clock; reader: ReturnType<typeof ruleReader> }

type Act = 'confirm' | 'suspend' | 'resume' | 'archive' | 'restore'

const LEADS: Record<Act, { event: RuleEventType; to: (rule: Rule) => Partial<Rule> }> = {
  confirm: { event: 'rule.confirmed', to: () => ({ status: 'confirmed', suspension_reason: '', failure_streak: 0, override_streak: 0, conflict_count: 0 }) },
  suspend: { event: 'rule.suspended', to: () => ({ status: 'suspended', suspension_reason: 'operator' }) },
  resume: { event: 'rule.resumed', to: () => ({ status: 'candidate', suspension_reason: '', failure_streak: 0, override_streak: 0, conflict_count: 0 }) },
  archive: { event: 'rule.archived', to: () => ({ status: 'archived' }) },
  restore: { event: 'rule.restored', to: (rule) => ({ status: rule.policy_decision === '' ? 'hint' : 'candidate', suspension_reason: '' }) },
}

/** What a person makes of rules: each act is an event of its own, and the last word until the next. */
export function ruleDesk({ learning, journal, clock, reader }: DeskParts) {
  const { book, ready } = learning

  /** One change, judged and written where the rules are as the table has them. */
  async function change(id: string, make: (kept: KeptRule) => Draft[]): Promise<RuleRow> {
    await ready
    await journal.append(() => make(reader.known(id)))
    return reader.row(reader.known(id))
  }

  /** Where events about a rule belong: to its agent, if there is one of that name. */
  const subjectOf = ({ scope, scope_key }: Pick<Rule, 'scope' | 'scope_key'>) => scope === 'project' && journal.rows.get('agent', scope_key) !== undefined ? scope_key : ''

  function draft(type: RuleEventType, actor: string, stored: StoredRule, more: { before: KeptRule | undefined; because: string; of?: string }): Draft {
    return { type, actor, subject: subjectOf(stored.rule), body: { stored, from: more.before?.rule.status ?? null, because: more.because, of: more.of ?? '', outcome: null } }
  }

  /** A state given by a person. A confirmed rule never stands against another one that says otherwise: that has to go first. */
  function acted(kept: KeptRule, act: Act, note: string, actor: string): Draft {
    const rule = ruleOf(kept)
    const refusal = ruleCan[act]({ ...reader.row(kept), expired: kept.expiresAt !== null && clock.now() >= kept.expiresAt })
    if (refusal !== undefined) throw new Fault('not.possible', refusal)
    const rivals = act === 'confirm' ? rivalsOf(book, rule) : []
    if (rivals.length > 0) throw new Fault('not.possible', `${rule.id} says the opposite of ${rivals.join(', ')}, which ${rivals.length === 1 ? 'is' : 'are'} confirmed`, { hint: `clawdeck policy suspend ${rivals[0]} first, or archive it.` })
    const at = stamp(clock.now() * 1000)
    const stored = moved(kept, { ...LEADS[act].to(rule), last_lifecycle_event_at: at, ...(act === 'confirm' ? { last_seen_at: at } : {}) })
    const again = act === 'restore' && stored.expiresAt !== null && clock.now() >= stored.expiresAt ? { ...stored, expiresAt: clock.now() + LEARNED_FOR } : stored
    return draft(LEADS[act].event, actor, again, { before: kept, because: plain(note, 500) || 'operator' })
  }

  const endIn = (days: number | null) => days === null ? null : clock.now() + Math.round(days * 86_400_000)

  const does = (act: Act) => (id: string, note: string, actor: string) => change(id, (kept) => [acted(kept, act, note, actor)])

  return {
    subjectOf, draft, acted,
    confirm: does('confirm'), suspend: does('suspend'), resume: does('resume'), archive: does('archive'), restore: does('restore'),

    edit: (id: string, edit: RuleEdit, actor: string) => change(id, (kept) => [edited(kept, edit, actor)]),

    async merge(ids: readonly string[], actor: string): Promise<RuleRow> {
      await ready
      const [first = ''] = ids
      await journal.append(() => merged(ids.map((id) => reader.known(id)), actor))
      return reader.row(reader.known(first))
    },

    /** What was learned of an agent that is deleted asks from now on: its name may be another's tomorrow. */
    retire: (agent: string, actor: string): Draft[] => [...book.all()]
      .filter(({ rule }) => rule.scope === 'project' && rule.scope_key === agent && (rule.status === 'confirmed' || rule.status === 'candidate'))
      .map((kept) => draft('rule.suspended', actor, moved(kept, { status: 'suspended', suspension_reason: 'agent_deleted', last_lifecycle_event_at: stamp(clock.now() * 1000) }), { before: kept, because: 'agent_deleted' })),
  }

  function edited(kept: KeptRule, edit: RuleEdit, actor: string): Draft {
    const rule = ruleOf(kept)
    const change = changeOf(rule, edit)
    const other = ['trigger', 'policy_decision', 'scope', 'scope_key'].some((key) => key in change)
    const now = stamp(clock.now() * 1000)
    const restart: Partial<Rule> = other && (rule.status === 'confirmed' || rule.status === 'suspended') ? { status: 'candidate', suspension_reason: '', last_lifecycle_event_at: now } : {}
    const stored = moved(kept, { ...change, ...restart })
    return draft('rule.edited', actor, edit.days === undefined ? stored : { ...stored, expiresAt: endIn(edit.days) }, { before: kept, because: 'operator' })
  }

  function merged(all: KeptRule[], actor: string): Draft[] {
    const [into, ...others] = all
    if (into === undefined || others.length === 0 || new Set(all.map(({ rule }) => rule.id)).size < all.length) throw new Fault('not.possible', 'a merge takes two rules or more, each once', { hint: 'clawdeck policy merge <keeps> <goes> …' })
    const odd = others.find(({ rule }) => rule.policy_decision !== into.rule.policy_decision || rule.scope !== into.rule.scope || rule.scope_key !== into.rule.scope_key)
    if (odd !== undefined) throw new Fault('not.possible', `${odd.rule.id} does not say the same as ${into.rule.id}, or holds elsewhere`, { hint: 'Edit one of them first; what is merged must agree in decision and scope.' })
    const sum = (key: 'evidence_count' | 'accepted_auto_execute_count' | 'accepted_confirmation_count') => all.reduce((n, { rule }) => n + rule[key], 0)
    const kept = moved(into, {
      evidence_count: sum('evidence_count'), accepted_auto_execute_count: sum('accepted_auto_execute_count'), accepted_confirmation_count: sum('accepted_confirmation_count'),
      last_seen_at: all.map(({ rule }) => rule.last_seen_at).toSorted().at(-1) ?? into.rule.last_seen_at,
    })
    return [
      draft('rule.merged', actor, kept, { before: into, because: `with ${others.map(({ rule }) => rule.id).join(', ')}` }),
      ...others.map((other) => draft('rule.archived', actor, moved(other, { status: 'archived', last_lifecycle_event_at: stamp(clock.now() * 1000) }), { before: other, because: `merged into ${into.rule.id}` })),
    ]
  }
}

/** What an edit changes, in the fields of the files. Fault `input.invalid`. */
function changeOf(rule: Rule, edit: RuleEdit): Partial<Rule> {
  const change: { -readonly [K in keyof Rule]?: Rule[K] } = {}
  if (edit.summary !== undefined) change.summary = plain(edit.summary, 500)
  if (edit.trigger !== undefined) change.trigger = edit.trigger
  if (edit.decision !== undefined) change.policy_decision = edit.decision === 'allow' ? AUTO : ASK
  if (edit.scope !== undefined) change.scope = edit.scope
  if (edit.scope === 'global') change.scope_key = ''
  else if (edit.scopeKey !== undefined) change.scope_key = edit.scopeKey
  if ((change.scope ?? rule.scope) !== 'global' && (change.scope_key ?? rule.scope_key) === '') throw new Fault('input.invalid', 'a rule for a project or a domain needs its key', { hint: 'The name of an agent, or one of code, ops, docs, review, analysis.' })
  if (change.trigger?.some((trigger) => trigger.trim() === '') === true || change.trigger?.length === 0) throw new Fault('input.invalid', 'a rule needs a trigger, and none of them empty', { hint: 'As command:npm run build, runs:git push or task_type:exec.' })
  return change
}

