import { ISOLATION_WARNINGS } from '../../domain/agents/rules.ts'
import type { Isolation } from '../../ports/pods.ts'
import { count, plain } from '../../base/text.ts'
import { summaryText } from '../../domain/alerts/rules.ts'
import type { QuietSummary } from '../../domain/alerts/types.ts'
import type { Action } from '../../domain/policy/types.ts'
import type { RuleChange } from '../../domain/rules/types.ts'
import type { DeckEvent } from '../../journal/types.ts'
import { FREEZING_TEXTS } from './freezing.ts'
import { becauseText, ruleText } from './rules.ts'

const MAX_CHARS = 300
const cache = new WeakMap<DeckEvent, string>()

/** What an event says, in a few words that are safe to show. */
export function eventText(event: DeckEvent): string {
  const known = cache.get(event)
  if (known !== undefined) return known
  const text = plain(describe(event), MAX_CHARS)
  cache.set(event, text)
  return text
}

type Body = Record<string, unknown>

function describe(event: DeckEvent): string {
  const body = event.body as Body
  if (event.type.startsWith('rule.')) return ruleEvent(event.type, event.body as RuleChange)
  return DESCRIPTIONS[event.type]?.(body) ?? allFields(body)
}

function allFields(body: Body): string {
  return Object.entries(body)
    .filter(([, value]) => value !== null && value !== '' && typeof value !== 'object')
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(' · ')
}

/** `git push origin main · it had enough evidence`, after `rule.confirmed`. */
function ruleEvent(type: string, { stored, from, because }: RuleChange): string {
  const { trigger, summary, status, policy_decision: decision } = stored.rule
  const text = ruleText({
    trigger,
    summary,
    decision: RULE_DECISIONS.get(decision) ?? 'ask',
  })
  const parts = [text, statusChange(type, from, status), becauseText(because, from !== status)]
  return parts.filter((part) => part !== '').join(' · ')
}

const RULE_DECISIONS = new Map<string, '' | 'allow'>([
  ['', ''],
  ['auto_execute', 'allow'],
])

/** The change of a rule's status, unless the event's type says it. */
function statusChange(type: string, from: string | null, to: string): string {
  if (from === to) return to
  if (type === `rule.${to}`) return ''
  return from === null ? to : `${from} → ${to}`
}

const text = (value: unknown): string =>
  value === null || value === undefined ? '' : String(value)

function action(body: Body): string {
  const { type, target } = (body['action'] ?? {}) as Partial<Action>
  return `${text(type)}  ${text(target)}`
}

/** A decision without a person, and its source: a lease, a learned rule, or a policy. */
function decision(body: Body): string {
  const policy = (body['policies'] as unknown[] | undefined)?.[0]
  const sources: [how: string, id: unknown][] = [
    [', leased', body['lease']],
    [', learned', body['rule']],
    ['', policy],
  ]
  const [how, id] = sources.find(([, each]) => each !== null && each !== undefined) ?? ['', '']
  const source = text(id) === '' ? '' : ` · ${text(id)}`
  return `${text(body['decision'])}${how}  ${action(body)}${source}`
}

function approvalDecision(body: Body): string {
  const edited = text(body['edited']) === '' ? '' : ' as edited'
  const lease = text(body['lease']) === '' ? '' : ' with a lease'
  const by = body['by']
  const all = Array.isArray(by) && by.length > 1 ? ` by ${by.length} people` : ''
  return `${text(body['state'])}${edited}${lease}${all}${note(body) === '' ? '' : ` · “${note(body)}”`}`
}

function agreement(body: Body): string {
  const { operator, edited, lease } = (body['agreement'] ?? {}) as Body
  const how = approvalDecision({ state: 'agreed', edited, lease })
  return `${text(operator)} ${how}`
}

const recipients = (body: Body): string => ((body['to'] ?? []) as string[]).join(', ')

/** `notify · not operator:maya: they cannot be reached now`. */
function told(body: Body): string {
  const failed = (body['failed'] ?? []) as { to: string; why: string }[]
  const reached = ((body['told'] ?? []) as string[]).join(', ')
  return [reached, ...failed.map(({ to, why }) => `not ${to}: ${why}`)]
    .filter((part) => part !== '')
    .join(' · ')
}

function outcome(body: Body): string {
  const { result, exitCode } = (body['outcome'] ?? {}) as Body
  return `${text(result)} ${text(exitCode) === '' ? '' : `exit ${text(exitCode)}`}`
}

const note = (body: Body): string => text(body['note'])

const exit = (body: Body): string =>
  text(body['exitCode']) === '' ? note(body) : `exit ${text(body['exitCode'])} ${note(body)}`

const size = (body: Body): string =>
  `${text(body['title'])}, ${text(body['columns'])}×${text(body['rows'])}`

const drift = (body: Body): string =>
  ((body['drift'] ?? []) as { what: string }[]).map(({ what }) => what).join(', ')

function started(body: Body): string {
  const isolation = body['isolation'] as Isolation
  const where = ISOLATION_WARNINGS[isolation] || `in a ${text(isolation)}`
  return `${where}${body['behindOurBack'] === true ? ', from outside clawdeck' : ''}`
}

function rights({ role, agents }: Body): string {
  return Array.isArray(agents) ? `${text(role)} for ${agents.join(', ')}` : text(role)
}

function lease(body: Body): string {
  const { uses, type, target } = (body['lease'] ?? {}) as Body
  return `${text(uses)}× ${text(type)} ${text(target)}`
}

function playbook(body: Body): string {
  const stored = (body['playbook'] as Body | undefined)?.['playbook'] as Body | undefined
  const rules = (stored?.['rules_used'] as unknown[] | undefined)?.length ?? 0
  return `${text(stored?.['summary'])} · ${count(rules, 'rule')}`
}

function ledgerAction(body: Body): string {
  const { action_type: type, declared_goal: goal } = (body['action'] ?? {}) as Body
  return `${text(type)}  ${text(goal)}`
}

/** `failed · no network`. */
function ledgerChange(body: Body): string {
  const { status, error_message: error, output_summary: output } = (body['change'] ?? {}) as Body
  const said = [status, error ?? output].map(text).filter((part) => part !== '')
  return said.join(' · ')
}

/** The last two folders of a path. */
function shortPath(path: unknown): string {
  const parts = text(path)
    .split('/')
    .filter((part) => part !== '')
  return parts.slice(-2).join('/')
}

const DESCRIPTIONS: Partial<Record<DeckEvent['type'], (body: Body) => string>> = {
  ...FREEZING_TEXTS,
  'approval.requested': action,
  'action.decided': decision,
  'action.reported': outcome,
  'ledger.recorded': ledgerAction,
  'ledger.reported': ledgerChange,
  'ledger.removed': (b) => count(((b['ids'] ?? []) as unknown[]).length, 'action'),
  'api_agent.seen': (b) => text(b['label']),
  'api_agent.beat': (b) => [b['status'], b['task']].map(text).filter(Boolean).join(' · '),
  'action.refused': (b) => `${text(b['what'])}: ${text(b['reason'])}`,
  'approval.decided': approvalDecision,
  'approval.agreed': agreement,
  'approval.agreement_withdrawn': (b) => `not agreed any more: ${text(b['why'])}`,
  'approval.agreement_refused': (b) => `does not count: ${text(b['why'])}`,
  'approval.expired': (b) => `denied: ${note(b)}`,
  'approval.escalated': (b) => `step ${text(b['step'])} of ${text(b['of'])} to ${recipients(b)}`,
  'approval.unanswered': (b) => (recipients(b) === '' ? '' : `told to ${recipients(b)}`),
  'alert.held': (b) => `for ${recipients(b)}, until quiet hours end`,
  'alert.summarised': (b) => `${summaryText(b as unknown as QuietSummary)} · to ${recipients(b)}`,
  'alert.told': told,
  'agent.created': (b) => `from ${text(b['template'])} on ${text(b['backend'])}`,
  'agent.start_requested': (b) => (b['forced'] === true ? 'forced' : ''),
  'agent.started': started,
  'agent.door_opened': (b) => `at ${text(b['address'])}`,
  'agent.command_run': (b) => (Array.isArray(b['argv']) ? b['argv'].join(' ') : ''),
  'shell.opened': size,
  'session.opened': size,
  'supervisor.started': (b) => `on ${text(b['backend'])}`,
  'agent.stopped': exit,
  'agent.exited': exit,
  'shell.ended': exit,
  'session.ended': exit,
  'agent.failed': note,
  'agent.drifted': drift,
  'agent.relocked': drift,
  'lease.granted': lease,
  'rules.imported': (b) => `${count(Number(b['rules']), 'rule')} from ${shortPath(b['source'])}`,
  'rules.exported': (b) => `${count(Number(b['rules']), 'rule')} to ${text(b['path'])}`,
  'operator.added': (b) => `${text(b['id'])}: ${rights(b)}`,
  'operator.rights_changed': (b) => `${text(b['id'])}: ${rights(b)}`,
  'operator.removed': (b) => text(b['id']),
  'operator.came': (b) => `by the ${text(b['door'])}`,
  'operator.left': (b) => `by the ${text(b['door'])}`,
  'pairing.offered': ({ kind, operator, rights: given }) => {
    const offered = rights((given ?? {}) as Body)
    if (kind === 'agent') return offered
    return `${text(kind)} for ${operator === null ? `a new ${offered}` : text(operator)}`
  },
  'pairing.presented': ({ presented }) => {
    const { person, device, code } = (presented ?? {}) as Body
    return `${text(person)} with ${text(device)}, code ${text(code)}`
  },
  'pairing.guessed': (b) => `wrong token, ${count(Number(b['tries']), 'time')}`,
  'door.opened': (b) => `${text(b['id'])} at ${text(b['host'])}, port ${text(b['port'])}`,
  'act.refused': (b) =>
    `${text(b['act'])} by the ${text(b['door'])} needs ${text(b['needs'])}, has ${text(b['role'])}, ${count(Number(b['times'] ?? 1), 'time')}`,
  'door.refused': (b) =>
    `${text(b['id'])}: ${text(b['why'])}, ${count(Number(b['times']), 'time')}`,
  'device.trusted': (b) => `${text(b['name'])} of ${text(b['operator'])}`,
  'device.revoked': (b) => `${text(b['id'])} of ${text(b['operator'])}`,
  'chat.bot_connected': (b) => `@${text(b['name'])}`,
  'chat.bot_removed': (b) => `@${text(b['name'])}`,
  'chat.approval_shown': (b) =>
    `${text(b['approval'])} to ${text(b['device'])}${b['whole'] === true ? '' : ', not whole'}`,
  'chat.approval_updated': (b) => `${text(b['approval'])} as ${text(b['state'])}`,
  'chat.updates_taken': (b) => `up to ${text(b['upTo'])}`,
  'chat.messages_ignored': (b) =>
    `${count(Number(b['messages']), 'message')} of people who are not paired`,
  'chat.digest_sent': (b) => `to ${text(b['device'])}`,
  'playbook.saved': playbook,
  'budget.set': (b) =>
    b['perHour'] === null ? 'limit removed' : `at most ${text(b['perHour'])} interruptions an hour`,
  'policies.changed': (b) =>
    b['problem'] === null
      ? `${text(b['count'])} in force`
      : `the previous policies stay in force: ${text(b['problem'])}`,
}
