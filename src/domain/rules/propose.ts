import { Fault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import type { Journal } from '../../journal/journal.ts'
import { asEvent, type eventReader } from '../../journal/read.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { Approval } from '../approvals/types.ts'
import { rehashed } from '../../clawpolicy/files/records.ts'
import { isoTimestamp } from '../../clawpolicy/times.ts'
import { AUTO, ASK, type Rule } from '../../clawpolicy/types.ts'
import { assessRisk } from '../policy/risk.ts'
import type { Action, Risk, Doer } from '../policy/types.ts'
import { endOf, refuseRivals, type RuleChangeParts, type ruleChangeService } from './changes.ts'
import { again } from './edit.ts'
import { learnedDecision } from './judge.ts'
import { rivalsOf } from './read.ts'
import { storedOf } from './stored.ts'
import { domainOfTemplate, engineFor, taskOf, taskRisk } from './task.ts'
import type {
  RuleRecord,
  RuleProposal,
  RuleRow,
  ScopeName,
  StoredRule,
  WidthName,
} from './types.ts'
import { quote } from '../../base/quote.ts'

export interface ProposeParts extends RuleChangeParts {
  read: ReturnType<typeof eventReader>
  desk: ReturnType<typeof ruleChangeService>
}

/** A question that was asked, whatever became of it; where it was edited, what was allowed instead. */
export interface Asked {
  id: string
  doer: Doer
  action: Action
  risk: Risk
}

export interface ProposeInput {
  approval: string
  width: WidthName
  decision: 'allow' | 'ask'
  scope: ScopeName
  days: number | null
  note?: string | undefined
}

/** A rule as it would be written down: a new one, or `before` confirmed once more. */
export interface Drafted {
  stored: StoredRule
  before: RuleRecord | undefined
}

/** How many decided approvals are looked at for what a rule would have covered. */
const PAST = 2000

/** Rules by a person's own word, made from a question that was asked. */
export function proposalService(parts: ProposeParts) {
  const { journal, learning, desk, reader } = parts
  const decided = parts.store.prepare<[number], { row: string }>(
    "SELECT row FROM approval WHERE state <> 'pending' ORDER BY askedAt DESC LIMIT ?",
  )
  const drafted = (input: ProposeInput, by: string) => draftedFrom(parts, input, by)

  return {
    asked: (id: string) => askedOf(parts, id),
    drafted,

    async proposals(id: string, decision: 'allow' | 'ask'): Promise<RuleProposal[]> {
      await learning.usable()
      const question = askedOf(parts, id)
      const before = decided
        .all(PAST)
        .map(({ row }) => JSON.parse(row) as Approval)
        .filter(({ agent }) => agent === question.doer.name)
      return widthsOf(parts, question, decision).map(({ width, covers: says, rule }) => {
        const covered = before.filter(({ action }) => covers(rule, action, question.doer))
        const many = (state: Approval['state']) =>
          covered.filter((approval) => approval.state === state).length
        return {
          width,
          says,
          trigger: rule.trigger,
          past: { asked: covered.length, allowed: many('allowed'), denied: many('denied') },
        }
      })
    },

    async propose(input: ProposeInput, actor: string): Promise<RuleRow> {
      await learning.usable()
      let id = ''
      await journal.append(() => {
        const { stored, before } = drafted(input, actor)
        id = stored.rule.id
        return [
          desk.draft(before === undefined ? 'rule.added' : 'rule.confirmed', actor, stored, {
            before,
            because: plain(input.note ?? '', 500) || 'operator',
            of: input.approval,
          }),
        ]
      })
      return reader.row(reader.known(id))
    },
  }
}

/** The question behind an approval or an action. Fault `not.found`. */
export function askedOf(
  { journal, read }: Pick<ProposeParts, 'journal' | 'read'>,
  id: string,
): Asked {
  const found = questionOf(journal, read, id)
  if (found === undefined)
    throw new Fault('not.found', `no action or approval ${plain(id, 80)}`, {
      hint: '`clawdeck approvals list --state all` shows what was asked.',
    })
  const template = journal.rows.get<{ template: string }>('agent', found.agent)?.template
  if (template === undefined)
    throw new Fault('not.found', `the agent ${found.agent} of ${plain(id, 80)} is gone`, {
      hint: '`clawdeck list` shows the agents that are there.',
    })
  return { id, action: found.action, risk: found.risk, doer: { name: found.agent, template } }
}

/** The rules that a word about a question could make, narrowest first. */
function widthsOf(
  { clock, learning }: ProposeParts,
  { doer, action, risk }: Asked,
  decision: 'allow' | 'ask',
) {
  const engine = engineFor(doer, clock, () => taskRisk(action, risk))
  const { record } = learnedDecision(learning.book, { action, risk, doer, now: clock.now(), clock })
  const [desired, override] =
    decision === 'allow'
      ? ([AUTO, 'prefer_auto_execute'] as const)
      : ([ASK, 'prefer_confirmation'] as const)
  return engine.proposals({
    task: taskOf(action, doer),
    record,
    feedback: {
      result: 'success',
      override,
      decision: ASK,
      risk: taskRisk(action, risk).level,
      prompted: true,
    },
    desired,
  })
}

/** What a word would write down. Faults: `not.found`, `not.possible`, `refused`. */
function draftedFrom(parts: ProposeParts, input: ProposeInput, by: string): Drafted {
  const {
    clock,
    learning: { book },
  } = parts
  const question = askedOf(parts, input.approval)
  const draft = widthsOf(parts, question, input.decision).find(({ width }) => width === input.width)
  if (draft === undefined)
    throw new Fault(
      'not.possible',
      `there is no rule of that width: ${plain(question.action.target, 80)} is one of no ${input.width}`,
      { hint: 'Take --width exact.' },
    )
  if (input.decision === 'allow' && taskRisk(question.action, question.risk).level === 'critical')
    throw new Fault('refused', "a critical risk is always a person's: no rule allows it", {
      hint: 'Allow it once.',
    })
  const rule = confirmedBy(draft.rule, {
    ...input,
    doer: question.doer,
    at: isoTimestamp(clock.now() * 1000),
  })
  refuseRivals(rivalsOf(book, rule), `a rule about ${draft.covers}`)
  if (input.decision === 'ask')
    refuseNarrower(
      narrowerThan(rule, learnedDecision(book, { ...question, now: clock.now(), clock }).matched),
    )
  const before = book
    .alike(rule)
    .find(
      ({ rule: other }) =>
        other.policy_decision === rule.policy_decision && other.status !== 'archived',
    )
  const ends = { expiresAt: endOf(input.days, clock.now()), by }
  return {
    stored: before === undefined ? storedOf(rule, ends) : { ...again(before, rule), ...ends },
    before,
  }
}

function confirmedBy(
  rule: Rule,
  { scope, doer, at }: { scope: ScopeName; doer: Doer; at: string },
): Rule {
  const scope_key =
    scope === 'project' ? doer.name : scope === 'domain' ? domainOfTemplate(doer.template) : ''
  return rehashed({
    ...rule,
    scope,
    scope_key,
    status: 'confirmed',
    last_seen_at: at,
    last_lifecycle_event_at: at,
  })
}

const NARROWEST_FIRST: readonly ScopeName[] = ['project', 'domain', 'global']

/** Confirmed rules that allow where an asking one would not be heard: of several, the narrowest scope decides. */
function narrowerThan(rule: Rule, matched: readonly Rule[]): Rule[] {
  return matched.filter(
    (other) =>
      other.status === 'confirmed' &&
      other.policy_decision === AUTO &&
      NARROWEST_FIRST.indexOf(other.scope) < NARROWEST_FIRST.indexOf(rule.scope),
  )
}

function refuseNarrower([first]: readonly Rule[]): void {
  if (first !== undefined)
    throw new Fault(
      'not.possible',
      `it would not be heard: ${plain(first.id, 80)} allows this in a narrower scope, and that one decides`,
      { hint: `clawdeck policy suspend ${quote([first.id])} first, or take a scope as narrow.` },
    )
}

/** Whether a rule would speak about an action of an agent, were it confirmed. */
export function covers(rule: Rule, action: Action, doer: Doer): boolean {
  const engine = engineFor(doer, { now: () => 0, after: () => () => undefined })
  return engine.matches(rule, taskOf(action, doer))
}

/** What was asked under an id: of an approval, or of an action that nobody was asked about. */
export function questionOf(
  journal: Journal,
  read: ReturnType<typeof eventReader>,
  id: string,
): { agent: string; action: Action; risk: Risk } | undefined {
  const approval = journal.rows.get<Approval>('approval', id)
  if (approval !== undefined)
    return approval.edited === null
      ? approval
      : { agent: approval.agent, action: approval.edited, risk: assessRisk(approval.edited) }
  const event = decidedUnder(read, id)
  return event === undefined
    ? undefined
    : { agent: event.subject, action: event.body.action, risk: event.body.risk }
}

/** The event of an action that was decided without a person, by its id. */
export function decidedUnder(
  read: ReturnType<typeof eventReader>,
  id: string,
): DeckEvent<'action.decided'> | undefined {
  const stored = /^act_[1-9a-z][0-9a-z]{0,9}$/.test(id)
    ? read.one(Number.parseInt(id.slice(4), 36))
    : undefined
  const event = stored === undefined ? undefined : asEvent(stored)
  return event?.type === 'action.decided' ? (event as DeckEvent<'action.decided'>) : undefined
}
