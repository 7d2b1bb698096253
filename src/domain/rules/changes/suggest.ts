import { count, plain } from '../../../base/text.ts'
import { parseTime } from '../../../clawpolicy/times.ts'
import type { Playbook } from '../../../clawpolicy/types.ts'
import type { PlaybookSuggestion, RuleRecord } from '../types.ts'
import { scopeText } from '../texts.ts'

/** Rules of one stretch of work began at most this long after each other, in milliseconds. */
const MAX_GAP_MS = 30 * 60_000
const MAX_SUGGESTIONS = 20

/**
 * Rules in one scope that were learned in one stretch of work, or are about one program. Rules that
 * are all in one playbook already are not suggested. The largest groups come first.
 */
export function suggestPlaybooks(
  rules: Iterable<RuleRecord>,
  playbooks: readonly Playbook[],
): PlaybookSuggestion[] {
  const active = [...rules].filter(
    ({ rule }) =>
      (rule.status === 'confirmed' || rule.status === 'candidate') && rule.policy_decision !== '',
  )
  const scopes = Map.groupBy(active, ({ rule }) => `${rule.scope} ${rule.scope_key}`)
  const found = [...scopes.values()].flatMap((group) => [...byProgram(group), ...byTime(group)])
  const existing = playbooks.map(({ rules_used }) => new Set(rules_used))
  const seen = new Set<string>()
  return found
    .toSorted((a, b) => b.rules.length - a.rules.length)
    .filter(({ rules: ids }) => {
      const key = ids.toSorted().join(' ')
      const isNew =
        ids.length > 1 &&
        !seen.has(key) &&
        !existing.some((playbook) => ids.every((id) => playbook.has(id)))
      seen.add(key)
      return isNew
    })
    .slice(0, MAX_SUGGESTIONS)
}

function byProgram(records: readonly RuleRecord[]): PlaybookSuggestion[] {
  return [...Map.groupBy(records, programOf)]
    .filter(([program]) => program !== '')
    .map(([program, group]) =>
      suggestion(group, `${program} ${scopeOf(group)}`, `all about ${program}`),
    )
}

function byTime(records: readonly RuleRecord[]): PlaybookSuggestion[] {
  const timed = records
    .map((record) => ({ record, at: startOf(record) }))
    .toSorted((a, b) => a.at - b.at)
  const stretches: (typeof timed)[] = []
  for (const one of timed) {
    const latest = stretches.at(-1)
    if (latest !== undefined && one.at - (latest.at(-1)?.at ?? -Infinity) <= MAX_GAP_MS)
      latest.push(one)
    else stretches.push([one])
  }
  return stretches
    .filter((stretch) => stretch.length > 1)
    .map((stretch) => {
      const [from, until] = [stretch[0]?.at ?? 0, stretch.at(-1)?.at ?? 0]
      const group = stretch.map(({ record }) => record)
      const minutes = Math.max(1, Math.ceil((until - from) / 60_000))
      return suggestion(
        group,
        `work ${scopeOf(group)} of ${day(from)}`,
        `learned within ${count(minutes, 'minute')} on ${day(from)}`,
      )
    })
}

function suggestion(
  group: readonly RuleRecord[],
  summary: string,
  because: string,
): PlaybookSuggestion {
  return {
    summary: plain(summary, 200),
    rules: group.map(({ rule }) => rule.id),
    because: plain(because, 200),
  }
}

function scopeOf([first]: readonly RuleRecord[]): string {
  return first === undefined ? '' : scopeText(first.rule)
}

/** When the first evidence came, or the last change by a person, in Unix milliseconds. */
function startOf({ outcomes, rule, changedAt }: RuleRecord): number {
  const at = outcomes[0]?.at ?? rule.last_lifecycle_event_at
  return at === '' ? changedAt : parseTime(at).micros / 1000
}

/** The program of a rule, or the target of its requests; '' for several, or none. */
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
