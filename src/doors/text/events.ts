import { count, plain } from '../../base/text.ts'
import type { RuleChange } from '../../domain/rules/types.ts'
import type { Action } from '../../domain/policy/types.ts'
import type { DeckEvent } from '../../journal/types.ts'
import { becauseText, ruleText } from './rules.ts'

const LONGEST = 300
const made = new WeakMap<DeckEvent, string>()

/** What an event says in a few words, safe to show. */
export function eventText(event: DeckEvent): string {
  const known = made.get(event)
  if (known !== undefined) return known
  const text = plain(say(event), LONGEST)
  made.set(event, text)
  return text
}

type Body = Record<string, unknown>

function say(event: DeckEvent): string {
  const body = event.body as Body
  if (event.type.startsWith('rule.')) return ruleEvent(event.type, event.body as RuleChange)
  const special = WORDS[event.type]
  if (special !== undefined) return special(body)
  return Object.entries(body)
    .filter(([, v]) => v !== null && v !== '' && typeof v !== 'object')
    .map(([k, v]) => `${k} ${String(v)}`)
    .join(' · ')
}

/** `git push origin main · it was right often enough`, after `rule.confirmed` */
function ruleEvent(type: string, { stored, from, because }: RuleChange): string {
  const { trigger, summary, status, policy_decision } = stored.rule
  const text = ruleText({
    trigger,
    summary,
    decision: policy_decision === '' ? '' : policy_decision === 'auto_execute' ? 'allow' : 'ask',
  })
  const moved = from !== status
  // What moved to the state that its type names needs no further word of that.
  const state = !moved
    ? status
    : type === `rule.${status}`
      ? ''
      : from === null
        ? status
        : `${from} → ${status}`
  return [text, state, becauseText(because, moved)].filter((part) => part !== '').join(' · ')
}

const action = (body: Body): string => {
  const act = body['action'] as Partial<Action> | undefined
  return `${act?.type ?? ''}  ${act?.target ?? ''}`
}
/** What was decided without a person, and by what: a lease, what was learned, or one's own policies. */
const decided = (body: Body): string => {
  const [how, by] =
    body['lease'] != null
      ? [', leased', body['lease']]
      : body['rule'] != null
        ? [', learned', body['rule']]
        : ['', (body['policies'] as unknown[] | undefined)?.[0]]
  return `${String(body['decision'])}${how}  ${action(body)}${by === undefined ? '' : ` · ${String(by)}`}`
}
const words = (argv: unknown): string => (Array.isArray(argv) ? argv.join(' ') : '')
const note = (body: Body): string => String(body['note'] ?? '')
const code = (body: Body): string =>
  body['exitCode'] === null || body['exitCode'] === undefined
    ? note(body)
    : `exit ${String(body['exitCode'])} ${note(body)}`

const opened = (b: Body) => `${String(b['title'])}, ${String(b['columns'])}×${String(b['rows'])}`

const WORDS: Partial<Record<DeckEvent['type'], (body: Body) => string>> = {
  'approval.requested': action,
  'action.decided': decided,
  'action.reported': (b) => {
    const o = b['outcome'] as Body | undefined
    return `${String(o?.['result'] ?? '')} ${o?.['exitCode'] === null || o?.['exitCode'] === undefined ? '' : `exit ${String(o['exitCode'])}`}`
  },
  'action.refused': (b) => `${String(b['what'])}: ${String(b['reason'])}`,
  'approval.decided': (b) =>
    `${String(b['state'])}${b['edited'] === null || b['edited'] === undefined ? '' : ' as edited'}${b['lease'] === null || b['lease'] === undefined ? '' : ' with a lease'}${note(b) === '' ? '' : ` · “${note(b)}”`}`,
  'approval.expired': (b) => `denied: ${note(b)}`,
  'agent.created': (b) => `from ${String(b['template'])} on ${String(b['backend'])}`,
  'agent.start_requested': (b) => (b['forced'] === true ? 'forced' : ''),
  'agent.started': (b) =>
    `${b['isolation'] === 'none' ? 'not isolated' : `in a ${String(b['isolation'])}`}${b['behindOurBack'] === true ? ', behind our back' : ''}`,
  'agent.door_opened': (b) => `at ${String(b['address'])}`,
  'agent.command_run': (b) => words(b['argv']),
  'shell.opened': opened,
  'session.opened': opened,
  'supervisor.started': (b) => `on ${String(b['backend'])}`,
  'agent.stopped': code,
  'agent.exited': code,
  'shell.ended': code,
  'session.ended': code,
  'agent.failed': note,
  'agent.drifted': (b) =>
    ((b['drift'] as { what: string }[] | undefined) ?? []).map((d) => d.what).join(', '),
  'agent.relocked': (b) =>
    ((b['drift'] as { what: string }[] | undefined) ?? []).map((d) => d.what).join(', '),
  'lease.granted': (b) => {
    const l = b['lease'] as Body | undefined
    return `${String(l?.['uses'] ?? '')}× ${String(l?.['type'] ?? '')} ${String(l?.['target'] ?? '')}`
  },
  'rules.imported': (b) =>
    `${count(Number(b['rules']), 'rule')} from ${String(b['source'])
      .split('/')
      .filter((part) => part !== '')
      .slice(-2)
      .join('/')}`,
  'rules.exported': (b) => `${count(Number(b['rules']), 'rule')} to ${String(b['path'])}`,
  'playbook.saved': (b) => {
    const p = (b['playbook'] as Body | undefined)?.['playbook'] as Body | undefined
    return `${String(p?.['summary'] ?? '')} · ${count((p?.['rules_used'] as unknown[] | undefined)?.length ?? 0, 'rule')}`
  },
  'budget.set': (b) =>
    b['perHour'] === null
      ? 'no wish any more'
      : `at most ${String(b['perHour'])} interruptions an hour`,
  'policies.changed': (b) =>
    b['problem'] === null
      ? `${String(b['count'])} in force`
      : `kept the last good ones: ${String(b['problem'])}`,
}
