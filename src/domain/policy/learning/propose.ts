import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import type { Journal } from '../../../journal/journal.ts'
import { asEvent, type eventReader } from '../../../journal/read.ts'
import type { DeckEvent, Draft } from '../../../journal/types.ts'
import type { Approval } from '../../approvals/types.ts'
import type { Store } from '../../../store/open.ts'
import { rehashed } from '../learned/records.ts'
import { matches, situation } from '../learned/scope.ts'
import { stamp } from '../learned/times.ts'
import { AUTO, ASK, type Rule } from '../learned/types.ts'
import { proposals } from '../learned/widths.ts'
import type { Action, Risk } from '../types.ts'
import type { DeskParts, ruleDesk } from './desk.ts'
import { learnedDecision } from './judge.ts'
import { lessonDrafts } from './lessons.ts'
import { rivalsOf } from './rows.ts'
import { storedOf } from './stored.ts'
import { domainOfTemplate, engineFor, taskOf, taskRisk, type Doer } from './task.ts'
import type { KeptRule, RuleProposal, RuleRow, ScopeName, StoredRule, WidthName } from './types.ts'

export interface ProposeParts extends DeskParts { store: Store; read: ReturnType<typeof eventReader>; desk: ReturnType<typeof ruleDesk> }

/** A question that was asked, whatever became of it. */
export interface Asked { id: string; doer: Doer; action: Action; risk: Risk }

export interface ProposeInput { approval: string; width: WidthName; decision: 'allow' | 'ask'; scope: ScopeName; days: number | null; note?: string | undefined }

const PAST = 2000

/** Rules by a person's own word, made from a question that was asked. */
export function proposalDesk(parts: ProposeParts) {
  const { journal, read, learning, clock, desk, reader } = parts
  const approvals = parts.store.prepare<[number], { row: string }>("SELECT row FROM approval WHERE state <> 'pending' ORDER BY askedAt DESC LIMIT ?")

  /** The question behind an approval or an action. Fault `not.found`. */
  function asked(id: string): Asked {
    const found = questionOf(journal, read, id)
    const template = found === undefined ? undefined : journal.rows.get<{ template: string }>('agent', found.agent)?.template
    if (found === undefined || template === undefined) throw new Fault('not.found', found === undefined ? `no action or approval ${id}` : `the agent of ${id} is gone`, { hint: '`clawdeck approvals list --state all` shows what was asked.' })
    return { id, action: found.action, risk: found.risk, doer: { name: found.agent, template } }
  }

  const drafted = (input: ProposeInput, by: string) => draftOf(parts, asked(input.approval), input, by)

  return {
    asked,

    async proposals(id: string, decision: 'allow' | 'ask'): Promise<RuleProposal[]> {
      await learning.ready
      const question = asked(id)
      const before = approvals.all(PAST).map(({ row }) => JSON.parse(row) as Approval).filter(({ agent }) => agent === question.doer.name)
      return drafts(parts, question, decision).map(({ width, says, rule }) => {
        const covered = before.filter(({ action }) => covers(rule, action, question.doer))
        const many = (state: Approval['state']) => covered.filter((approval) => approval.state === state).length
        return { width, says, trigger: rule.trigger, past: { asked: covered.length, allowed: many('allowed'), denied: many('denied') } }
      })
    },

    drafted,

    async propose(input: ProposeInput, actor: string): Promise<RuleRow> {
      await learning.ready
      let id = ''
      await journal.append(() => {
        const { stored, before } = drafted(input, actor)
        id = stored.rule.id
        return [desk.draft(before === undefined ? 'rule.added' : 'rule.confirmed', actor, stored, { before, because: plain(input.note ?? '', 500) || 'operator', of: input.approval })]
      })
      return reader.row(reader.known(id))
    },

    async missed(id: string, note: string, actor: string): Promise<RuleRow[]> {
      await learning.ready
      const touched: string[] = []
      await journal.append(() => {
        const { doer, action, risk } = asked(id)
        const made: Draft[] = lessonDrafts({ book: learning.book, clock }, { of: id, doer, action, risk, ran: true, result: 'success', prompted: false, override: 'should_have_required_confirmation' })
        return made.map((draft) => {
          const { body } = draft as Draft<'rule.added'>
          touched.push(body.stored.rule.id)
          return { ...draft, actor, body: { ...body, because: plain(note, 500) || body.because } } as Draft
        })
      })
      return touched.map((rule) => reader.row(reader.known(rule)))
    },
  }
}

type Judging = Pick<ProposeParts, 'learning' | 'clock'>

/** The rules that a word about a question could make, each confirmed. */
function drafts({ learning, clock }: Judging, { doer, action, risk }: Asked, decision: 'allow' | 'ask') {
  const now = clock.now()
  const engine = engineFor(doer, clock, () => taskRisk(action, risk))
  const { record } = learnedDecision(learning.book, { action, risk, doer, now, clock })
  const desired = decision === 'allow' ? AUTO : ASK
  const override = decision === 'allow' ? 'prefer_auto_execute' : 'prefer_confirmation'
  return proposals({ task: taskOf(action, doer), record, feedback: { result: 'success', override, decision: ASK, risk: taskRisk(action, risk).level, prompted: true }, desired, engine })
}

/** The rule that a word makes, as it would be written down: a new one, or `before` confirmed once more. Faults: `not.possible`, `refused`. */
function draftOf(parts: Judging, question: Asked, input: ProposeInput, by: string): { stored: StoredRule; before: KeptRule | undefined } {
  const { learning: { book }, clock } = parts
  const draft = drafts(parts, question, input.decision).find(({ width }) => width === input.width)
  if (draft === undefined) throw new Fault('not.possible', `there is no rule of that width: ${plain(question.action.target, 80)} is one of no ${input.width}`, { hint: 'Take --width exact.' })
  const level = taskRisk(question.action, question.risk).level
  if (input.decision === 'allow' && level === 'critical') throw new Fault('refused', 'a critical risk is always a person\'s: no rule allows it', { hint: 'Allow it once.' })
  const rule = confirmedBy(clock.now(), draft.rule, input, question.doer)
  const rivals = rivalsOf(book, rule)
  if (rivals.length > 0) throw new Fault('not.possible', `${rivals.join(', ')} says the opposite and is confirmed`, { hint: `clawdeck policy suspend ${rivals[0]} first, or archive it.` })
  const before = book.alike(rule).find(({ rule: other }) => other.policy_decision === rule.policy_decision && other.status !== 'archived')
  const kept = before === undefined ? rule : rehashed({ ...rule, id: before.rule.id, evidence_count: before.rule.evidence_count + 1, confidence: Math.max(before.rule.confidence, rule.confidence) })
  return { stored: storedOf(kept, { expiresAt: input.days === null ? null : clock.now() + Math.round(input.days * 86_400_000), by }), before }
}

function confirmedBy(now: number, rule: Rule, { scope }: ProposeInput, { name, template }: Doer): Rule {
  const at = stamp(now * 1000)
  const scope_key = scope === 'project' ? name : scope === 'domain' ? domainOfTemplate(template) : ''
  return rehashed({ ...rule, scope, scope_key, status: 'confirmed', last_seen_at: at, last_lifecycle_event_at: at })
}

/** Whether a rule would speak about an action of an agent, were it confirmed. */
export function covers(rule: Rule, action: Action, doer: Doer): boolean {
  const { corrections, project } = engineFor(doer, { now: () => 0, after: () => () => undefined })
  return matches(rule, situation(taskOf(action, doer), project, corrections))
}

/** What was asked under an id: of an approval, or of an action that nobody was asked about. */
export function questionOf(journal: Journal, read: ReturnType<typeof eventReader>, id: string): { agent: string; action: Action; risk: Risk } | undefined {
  const approval = journal.rows.get<Approval>('approval', id)
  if (approval !== undefined) return approval
  const stored = /^act_[0-9a-z]{1,10}$/.test(id) ? read.one(Number.parseInt(id.slice(4), 36)) : undefined
  const event = stored === undefined ? undefined : asEvent(stored)
  if (event?.type !== 'action.decided') return undefined
  const { action, risk } = (event as DeckEvent<'action.decided'>).body
  return { agent: event.subject, action, risk }
}
