import { count, plain } from '../../base/text.ts'
import { parseTime } from '../../clawpolicy/times.ts'
import type { Playbook } from '../../clawpolicy/types.ts'
import type { RuleRecord } from './types.ts'
import { whereOf } from './words.ts'

/** Rules that could be one playbook, and why. */
export interface Suggestion {
  summary: string
  rules: string[]
  because: string
}

/** Rules that began with no more than this between one and the next are of one stretch of work, in milliseconds. */
const STRETCH = 30 * 60_000

const MOST = 20

/**
 * Rules that were learned in one stretch of work, or about one program, in the same place. Those that a playbook names all
 * of are not suggested again. The largest first.
 */
export function suggestions(
  rules: Iterable<RuleRecord>,
  playbooks: readonly Playbook[],
): Suggestion[] {
  const live = [...rules].filter(
    ({ rule }) =>
      (rule.status === 'confirmed' || rule.status === 'candidate') && rule.policy_decision !== '',
  )
  const places = Map.groupBy(live, ({ rule }) => `${rule.scope} ${rule.scope_key}`)
  const found = [...places.values()].flatMap((some) => [...byProgram(some), ...byTime(some)])
  const told = playbooks.map(({ rules_used }) => new Set(rules_used))
  const seen = new Set<string>()
  return found
    .toSorted((a, b) => b.rules.length - a.rules.length)
    .filter(({ rules: names }) => {
      const name = names.toSorted().join(' ')
      const fresh =
        names.length > 1 &&
        !seen.has(name) &&
        !told.some((known) => names.every((rule) => known.has(rule)))
      seen.add(name)
      return fresh
    })
    .slice(0, MOST)
}

function byProgram(some: readonly RuleRecord[]): Suggestion[] {
  const groups = Map.groupBy(some, programOf)
  return [...groups]
    .filter(([program]) => program !== '')
    .map(([program, group]) => made(group, `${program} ${placeOf(group)}`, `all about ${program}`))
}

function byTime(some: readonly RuleRecord[]): Suggestion[] {
  const timed = some.map((kept) => ({ kept, at: begun(kept) })).toSorted((a, b) => a.at - b.at)
  const stretches: (typeof timed)[] = []
  for (const one of timed) {
    const last = stretches.at(-1)
    if (last !== undefined && one.at - (last.at(-1)?.at ?? -Infinity) <= STRETCH) last.push(one)
    else stretches.push([one])
  }
  return stretches
    .filter((stretch) => stretch.length > 1)
    .map((stretch) => {
      const [from, until] = [stretch[0]?.at ?? 0, stretch.at(-1)?.at ?? 0]
      const group = stretch.map(({ kept }) => kept)
      return made(
        group,
        `work ${placeOf(group)} of ${day(from)}`,
        `learned within ${count(Math.max(1, Math.ceil((until - from) / 60_000)), 'minute')} on ${day(from)}`,
      )
    })
}

function made(group: readonly RuleRecord[], summary: string, because: string): Suggestion {
  return {
    summary: plain(summary, 200),
    rules: group.map(({ rule }) => rule.id),
    because: plain(because, 200),
  }
}

function placeOf([first]: readonly RuleRecord[]): string {
  return first === undefined ? '' : whereOf(first.rule)
}

/** When its first evidence came, in Unix milliseconds; without any, when a person last spoke of it. */
function begun({ outcomes, rule, changedAt }: RuleRecord): number {
  const at = outcomes[0]?.at ?? rule.last_lifecycle_event_at
  return at === '' ? changedAt : parseTime(at).micros / 1000
}

/** The program that a rule is about, or where its requests go; '' if it is about more than one, or about none. */
function programOf({ rule: { trigger } }: RuleRecord): string {
  const commands = trigger
    .map((text) => /^(?:command|runs):(.*)$/s.exec(text)?.[1])
    .filter((text) => text !== undefined)
  const [command] = commands
  if (command === undefined || commands.length > 1) return ''
  const [program = '', target = ''] = command.split(' ')
  return trigger.includes('task_type:net') || trigger.includes('task_type:file')
    ? `${program} ${target}`.trim()
    : program
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
