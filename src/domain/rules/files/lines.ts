import { canonical } from '../../../base/canonical.ts'
import type { DeckEvent } from '../../../journal/types.ts'
import type { Json } from '../../../clawpolicy/files/json.ts'
import { confidenceSummary, matchedRuleJson } from '../../../clawpolicy/decision-record.ts'
import { FeedbackInterpreter } from '../../../clawpolicy/interpret.ts'
import { ARCHIVE_SWEEP } from '../../../clawpolicy/evidence.ts'
import { writeEvent } from '../../../clawpolicy/files/write.ts'
import { newEvent } from '../../../clawpolicy/files/records.ts'
import { isoTimestamp } from '../../../clawpolicy/times.ts'
import { ASK, AUTO, type Rule, type ExecutionMode } from '../../../clawpolicy/types.ts'
import type { Action, Reason, Risk } from '../../policy/types.ts'
import { ruleOf } from '../stored.ts'
import { domainOfTemplate, levelOf, taskOf } from '../task.ts'
import type { RuleChange, RuleOutcome } from '../types.ts'

/** A question as the log tells of it. */
interface Asked {
  id: string
  agent: string
  template: string
  action: Action
  risk: Risk
}

/** Rule events of one lesson: what they tell, and the outcome that it was about. */
interface Group {
  of: string
  at: number
  lines: string[]
  outcome: RuleOutcome | null
  rules: string[]
  moves: string[]
}

/** The latest questions that are remembered for their outcomes. */
const REMEMBERED = 4096

/** Turns events of the journal, given in order, into lines of the log. What belongs together is held back until it is whole. */
export function lineWriter(): { take(event: DeckEvent): string[]; end(): string[] } {
  const templates = new Map<string, string>()
  const rules = new Map<string, Rule>()
  const asked = new Map<string, Asked>()
  let group: Group | undefined

  function flush(): string[] {
    if (group === undefined) return []
    const { lines, outcome } = group
    const made =
      outcome === null ? lines : [...lines, outcomeLine(group, outcome, asked.get(group.of))]
    group = undefined
    return made
  }

  function question(event: DeckEvent<'approval.requested' | 'action.decided'>): string[] {
    const { id, action, risk, reasons } = event.body
    const one: Asked = {
      id,
      agent: event.subject,
      template: templates.get(event.subject) ?? '',
      action,
      risk,
    }
    remember(asked, one)
    const ran =
      'decision' in event.body &&
      (event.body.decision === 'allow' || event.body.decision === 'warn')
    return [evaluatedLine(one, ran ? AUTO : ASK, reasons, { at: event.at, rules })]
  }

  function change(event: DeckEvent<'rule.added'>): string[] {
    const { body, at } = event
    const rule = ruleOf(body.stored)
    const before = rules.get(rule.id)
    rules.set(rule.id, rule)
    if ((event.type as string) === 'rule.imported') return flush()
    const done = joins(group, body, at) ? [] : flush()
    group ??= { of: body.of, at, lines: [], outcome: null, rules: [], moves: [] }
    const move = moveOf(body)
    group.lines.push(ruleLine(event, rule, move, about(before) === about(rule), asked.get(body.of)))
    group.outcome ??= body.outcome
    if (body.outcome !== null) group.rules.push(rule.id)
    if (move !== undefined && body.outcome !== null) group.moves.push(move)
    return done
  }

  return {
    take(event) {
      if (event.type.startsWith('rule.')) return change(event as DeckEvent<'rule.added'>)
      switch (event.type) {
        case 'rules.imported':
          return [
            ...flush(),
            ...(event as DeckEvent<'rules.imported'>).body.lines.map((line) => `${line}\n`),
          ]
        case 'agent.created':
        case 'agent.restored':
          templates.set(event.subject, (event as DeckEvent<'agent.created'>).body.template)
          return []
        case 'approval.decided': {
          instead(asked, (event as DeckEvent<'approval.decided'>).body)
          return flush()
        }
        case 'action.decided':
          return typeof (event as DeckEvent<'action.decided'>).body.rule === 'string'
            ? [...flush(), ...question(event as DeckEvent<'action.decided'>)]
            : []
        case 'approval.requested':
          return [...flush(), ...question(event as DeckEvent<'approval.requested'>)]
        default:
          return []
      }
    },
    end: flush,
  }
}

/** What was allowed instead is what an outcome is about. */
function instead(
  asked: Map<string, Asked>,
  { id, edited }: { id: string; edited: Action | null },
): void {
  const one = asked.get(id)
  if (one !== undefined && edited !== null) asked.set(id, { ...one, action: edited })
}

function remember(asked: Map<string, Asked>, one: Asked): void {
  asked.set(one.id, one)
  const oldest = asked.keys().next().value
  if (asked.size > REMEMBERED && oldest !== undefined) asked.delete(oldest)
}

/** Whether a change belongs to the lesson before it: what the sweep takes along has no outcome of its own. */
function joins(group: Group | undefined, { of, outcome }: RuleChange, at: number): boolean {
  if (group === undefined || of === '' || group.of !== of || group.at !== at) return false
  return (
    outcome === null || group.outcome === null || canonical(outcome) === canonical(group.outcome)
  )
}

function about(rule: Rule | undefined): string {
  return rule === undefined
    ? ''
    : canonical([rule.policy_decision, rule.scope, rule.scope_key, rule.trigger])
}

const MOVES: Record<string, string> = {
  confirmed: 'rule_promoted',
  suspended: 'rule_suspended',
  archived: 'rule_archived',
}

/** The log's word for a move to another state; undefined for an update. */
function moveOf({
  from,
  stored: {
    rule: { status },
  },
}: RuleChange): string | undefined {
  if (from === status || status === 'hint') return undefined
  if (status === 'candidate')
    return from === 'suspended' || from === 'archived' ? 'rule_reactivated' : undefined
  return MOVES[status]
}

function ruleLine(
  { type, at, body }: DeckEvent<'rule.added'>,
  rule: Rule,
  move: string | undefined,
  same: boolean,
  asked: Asked | undefined,
): string {
  const { outcome, because } = body
  const timestamp = outcome?.at ?? isoTimestamp(at * 1000)
  const source = outcome === null ? ARCHIVE_SWEEP : move === undefined ? because : sourceOf(outcome)
  const trigger =
    begunAnew(type, same) ?? (move === undefined && outcome !== null ? 'runtime_feedback' : because)
  return writeEvent(
    newEvent({
      timestamp,
      event_type: move ?? 'rule_updated',
      asset_id: rule.asset_id,
      trigger_signals: [asked?.action.type ?? ''],
      source_node_id: source,
      changes: `Policy rule updated: ${rule.status} / ${rule.policy_decision}`,
      payload: new Map<string, Json>([
        ['rule_id', rule.id],
        ['status', rule.status],
        ['policy_decision', rule.policy_decision],
        ['evidence_count', rule.evidence_count],
        ['trigger', trigger],
        ['scope', rule.scope],
        ['scope_key', rule.scope_key],
        ['risk_level', rule.risk_level],
      ]),
    }),
  )
}

/** Triggers of rule events after which evidence begins anew: whoever reads the log has to know. */
export const RESTORED = 'restored'
export const REDEFINED = 'redefined'

/** `same`: whether a rule is about what it was about. */
function begunAnew(type: string, same: boolean): string | undefined {
  if (type === 'rule.restored') return RESTORED
  return same || type === 'rule.added' ? undefined : REDEFINED
}

/** What kind of evidence an outcome was. */
function sourceOf({ override, result, decision, confirmed }: RuleOutcome): string {
  return (
    new FeedbackInterpreter().evidenceOf(
      { override, result, decision: decision as ExecutionMode, risk: '', prompted: confirmed },
      new Map(),
    ) ?? ''
  )
}

/** What the learner sees of a question, in the order in which decisions and outcomes write it. */
function taskFields({ action, agent, template, risk }: Asked) {
  const task = taskOf(action, { name: agent, template })
  const command = String(task['command'])
  const level = levelOf(risk.score)
  return {
    summary: [...command].slice(0, 120).join(''),
    command,
    type: action.type,
    level,
    basis: risk.factors.map(({ label, points }) => `${label} +${points}`),
    domain: domainOfTemplate(template),
  }
}

interface Moment {
  at: number
  rules: ReadonlyMap<string, Rule>
}

function evaluatedLine(
  asked: Asked,
  decision: ExecutionMode,
  reasons: readonly Reason[],
  { at, rules }: Moment,
): string {
  const { summary, command, type, level, basis, domain } = taskFields(asked)
  const matched = [
    ...new Set(reasons.filter(({ layer }) => layer === 'rule').map(({ id }) => id)),
  ].flatMap((id) => rules.get(id ?? '') ?? [])
  const reason = reasons.at(-1)?.text ?? ''
  const [by] = matched.filter(
    ({ status, policy_decision }) => status === 'confirmed' && policy_decision === decision,
  )
  const resolution = by === undefined ? 'heuristic_default' : `${by.scope}_confirmed_rule`
  const fallback =
    by !== undefined ? '' : matched.length > 0 ? 'insufficient confidence' : 'first-time task'
  const [listed, confidence] = [matched.map(matchedRuleJson), confidenceSummary(matched)]
  const text = `${decision === AUTO ? 'Auto-execute' : 'Confirmation required'}: ${reason}`
  return writeEvent(
    newEvent({
      timestamp: isoTimestamp(at * 1000),
      event_type: 'decision_evaluated',
      trigger_signals: [type],
      changes: reason,
      source_node_id: 'confirmation_policy',
      payload: new Map<string, Json>([
        ['decision_id', asked.id],
        ['task_summary', summary],
        ['task_description', ''],
        ['task_type', type],
        ['command', command],
        ['files', []],
        ['risk_level', level],
        ['heuristic_basis', basis],
        ['matched_rules', listed],
        ['final_decision', decision],
        ['reason', reason],
        ['resolution', resolution],
        ['confidence', confidence],
        ['fallback_reason', fallback],
        [
          'explanation',
          new Map<string, Json>([
            ['heuristic_basis', basis],
            ['matched_rules', listed],
            ['resolution', resolution],
            ['final_decision', decision],
            ['confidence', confidence],
            ['fallback_reason', fallback],
          ]),
        ],
        ['explanation_text', text],
        ['timestamp', isoTimestamp(at * 1000)],
        ['domain', domain],
        ['scope', by?.scope ?? 'project'],
        ['scope_key', by?.scope_key ?? asked.agent],
      ]),
    }),
  )
}

function outcomeLine(
  { of, rules, moves }: Group,
  { at, decision, override, result, confirmed }: RuleOutcome,
  asked: Asked | undefined,
): string {
  const known =
    asked === undefined
      ? { summary: '', command: '', type: '', level: '', basis: [] }
      : taskFields(asked)
  return writeEvent(
    newEvent({
      timestamp: at,
      event_type: 'decision_outcome',
      trigger_signals: [known.type],
      changes: `Decision outcome: ${result}`,
      source_node_id: 'confirmation_policy',
      payload: new Map<string, Json>([
        ['decision_id', of],
        ['final_decision', decision],
        ['user_override', override],
        ['execution_result', result],
        ['was_confirmed', confirmed],
        ['rule_ids', rules],
        ['task_summary', known.summary],
        ['task_type', known.type],
        ['command', known.command],
        ['files', []],
        ['risk_level', known.level],
        ['scope', asked === undefined ? '' : 'project'],
        ['scope_key', asked?.agent ?? ''],
        ['heuristic_basis', known.basis],
        ['matched_rule_ids', [...rules]],
        ['explanation', ''],
        ['rollback_happened', result === 'rollback'],
        ['lifecycle_transition', moves.join(',')],
      ]),
    }),
  )
}
