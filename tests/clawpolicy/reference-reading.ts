/**
 * The reference model's reading of tasks and rules: matching, risk and precedence, written as
 * plainly as possible.
 */
export type Row = Record<string, unknown> & {
  id: string
  trigger: string[]
  status: string
  policy_decision: string
  scope: string
  scope_key: string
  last_seen_at: string
  confidence: number
}
export interface LoggedLine {
  type: string
  rule?: string
  trigger?: string
  source?: string
  transition?: string
  matched?: string[]
  override?: string
  result?: string
  final?: string
  decision?: string
  evaluated?: ModelDecision
}
export interface ModelDecision {
  id: string
  final: string
  reason: string
  resolution: string
  fallback: string
  risk: string
  matched: string[]
  type: string
}
export interface ModelReport {
  result?: string
  prompted: boolean
  cancelled: boolean
  override?: string
}
export type Bag = Readonly<Record<string, unknown>>

const low = (
  'test tests format lint check log status info list validate verify docs read view show display ' +
  'inspect describe explain analyze measure benchmark profile build compile bundle'
).split(' ')
const high =
  'rm remove delete unlink rmdir fdisk mkfs chmod chown iptables docker podman kubectl'.split(' ')
const rank = ['low', 'medium', 'high', 'critical']

export function textOf(task: Bag, key: string): string {
  return (task[key] as string | undefined) ?? ''
}

function filesOf(task: Bag): string[] {
  return (task['files'] as string[] | undefined) ?? []
}

export function normalized(text: string): string {
  return text.toLowerCase().split(/\s+/).filter(Boolean).join(' ')
}

export function summaryOf(task: Bag): string {
  return (
    textOf(task, 'task_summary') ||
    textOf(task, 'task_description').slice(0, 120) ||
    textOf(task, 'command').slice(0, 120)
  )
}

function domainOf(task: Bag): string {
  const named = normalized(textOf(task, 'domain'))
  if (['code', 'ops', 'docs', 'review', 'analysis'].includes(named)) return named
  const text = [
    textOf(task, 'command'),
    summaryOf(task),
    textOf(task, 'task_description'),
    ...filesOf(task),
  ]
    .map((part) => normalized(part))
    .join(' ')
  if (/docs\/|mkdocs|readme|\.md|documentation/.test(text)) return 'docs'
  if (/deploy|docker|kubernetes|kubectl|terraform|ops/.test(text)) return 'ops'
  if (/review|approve|comment|diff|audit/.test(text)) return 'review'
  return /analyze|analysis|benchmark|profile|measure/.test(text) ? 'analysis' : 'code'
}

export function scopeOf(task: Bag): { scope: string; scope_key: string } {
  const key = textOf(task, 'scope_key') || textOf(task, 'project_path') || '/proj'
  const asked = textOf(task, 'scope')
  if (asked === 'global') return { scope: 'global', scope_key: '' }
  if (asked === 'domain')
    return { scope: 'domain', scope_key: textOf(task, 'domain') || domainOf(task) }
  return { scope: 'project', scope_key: key }
}

export function matchesTask(row: Row, task: Bag): boolean {
  if (row.status === 'archived') return false
  if (row.scope === 'project' && row.scope_key !== '' && row.scope_key !== scopeOf(task).scope_key)
    return false
  if (row.scope === 'domain' && row.scope_key !== '' && row.scope_key !== domainOf(task))
    return false
  const prose = normalized(
    [summaryOf(task), textOf(task, 'task_description'), textOf(task, 'command')].join(' '),
  )
  const strict = row.trigger.filter((trigger) =>
    /^(?:task_type|command|task|file|keyword):/.test(trigger),
  )
  if (strict.length === 0)
    return row.trigger.some(
      (trigger) => trigger === textOf(task, 'task_type') || prose.includes(normalized(trigger)),
    )
  return strict.every((trigger) => {
    const value = trigger.slice(trigger.indexOf(':') + 1)
    if (trigger.startsWith('task_type:')) return value === textOf(task, 'task_type')
    if (trigger.startsWith('command:'))
      return normalized(value) === normalized(textOf(task, 'command'))
    if (trigger.startsWith('task:')) return normalized(value) === normalized(summaryOf(task))
    if (trigger.startsWith('file:'))
      return filesOf(task).some((file) => normalized(file) === normalized(value))
    return prose.includes(normalized(value))
  })
}

export function riskOf(task: Bag): string {
  const text = normalized(`${textOf(task, 'task_description')} ${textOf(task, 'command')}`)
  const words = text.split(/[^\p{L}\p{N}_]+/u)
  let level = 'medium'
  const raise = (to: string) => {
    if (rank.indexOf(to) > rank.indexOf(level)) level = to
  }
  if (
    high.some((word) => words.includes(word)) ||
    /mkfs|fdisk|format disk|format \/dev|git push --force|git reset --hard/.test(text)
  )
    raise('critical')
  if (level === 'medium' && low.some((word) => words.includes(word))) level = 'low'
  for (const file of filesOf(task).map((path) => normalized(path))) {
    if (/home|etc|system|root|\.env|config\.py|config\.json|secrets/.test(file)) raise('high')
    if (/package\.json|requirements\.txt|pom\.xml|build\.gradle/.test(file)) raise('medium')
    if (/delete|remove|unlink/.test(file)) raise('critical')
  }
  return level
}

export function seenAt(row: Row): number {
  const text = row.last_seen_at
  if (text === '') return -Infinity
  const fraction = Number(/\.(\d+)/.exec(text)?.[1] ?? 0)
  return Date.parse(text.replace(/\.\d+/, '')) * 1000 + fraction
}

export function selectRule(rows: Row[]): { row: Row | undefined; label: string } {
  for (const [i, scope] of ['project', 'domain', 'global'].entries()) {
    const inside = latestFirst(rows.filter((row) => row.scope === scope))
    const top = inside[0]
    if (top === undefined) continue
    const other = inside.find((row) => row.policy_decision !== top.policy_decision)
    if (other !== undefined && !(seenAt(other) < seenAt(top)))
      return { row: undefined, label: 'ambiguous_same_scope_conflict' }
    const wider = ['project', 'domain', 'global']
      .slice(i + 1)
      .find((name) => rows.some((row) => row.scope === name))
    if (wider !== undefined) return { row: top, label: `${scope}_over_${wider}` }
    if (other !== undefined) return { row: top, label: 'same_scope_newer_confirmed' }
    const label = inside.length > 1 ? 'same_scope_consistent_confirmed' : `${scope}_confirmed_rule`
    return { row: top, label }
  }
  return { row: undefined, label: 'heuristic_default' }
}

/** Rows by when they were last seen, latest first; equal times keep their order. */
export function latestFirst(rows: readonly Row[]): Row[] {
  return rows
    .map((row, place) => ({ row, place, at: seenAt(row) }))
    .sort((a, b) => (a.at === b.at ? a.place - b.place : descending(a.at, b.at)))
    .map(({ row }) => row)
}

function descending(a: number, b: number): number {
  return b > a ? 1 : -1
}
