import { filesOf, taskView, exactTaskView, taskSummary, textOf, type TaskView } from './task.ts'
import { normalizeText } from './text.ts'
import type { Corrections } from './corrections.ts'
import { AUTO, SCOPES, type Rule, type Scope, type ScopeName, type Task } from './types.ts'

/** The kinds of work that are told apart. */
export const DOMAINS: ReadonlySet<string> = new Set(['code', 'ops', 'docs', 'review', 'analysis'])
/** What gives a domain away, first hit. Substrings, as in the original: "laptops" are ops. */
const SIGNS: [domain: string, signs: string[]][] = [
  ['docs', ['docs/', 'mkdocs', 'readme', '.md', 'documentation']],
  ['ops', ['deploy', 'docker', 'kubernetes', 'kubectl', 'terraform', 'ops']],
  ['review', ['review', 'approve', 'comment', 'diff', 'audit']],
  ['analysis', ['analyze', 'analysis', 'benchmark', 'profile', 'measure']],
]

/** The domain a task names, or the one its words point at; `code` if none do. */
export function domainOf(task: Task): string {
  const named = normalizeText(textOf(task, 'domain'))
  if (DOMAINS.has(named)) return named
  const words = [
    textOf(task, 'command'),
    taskSummary(task),
    textOf(task, 'task_description'),
    ...filesOf(task),
  ]
    .map(normalizeText)
    .join(' ')
  return SIGNS.find(([, signs]) => signs.some((sign) => words.includes(sign)))?.[0] ?? 'code'
}

/** Where what is learned from a task will hold. `project` is the engine's own key, empty if it has none. */
export function scopeOf(task: Task, project: string, corrections: Corrections): Scope {
  const key = textOf(task, 'scope_key') || textOf(task, 'project_path') || project
  const usual: ScopeName = key === '' ? 'domain' : 'project'
  const asked = textOf(task, 'scope')
  const scope = SCOPES.find((name) => name === asked) ?? usual
  if (scope === 'global') return { scope, scope_key: '' }
  if (scope === 'project' && key !== '') return { scope, scope_key: key }
  const named = scope === 'domain' && !corrections['one-domain'] ? textOf(task, 'domain') : ''
  return { scope: 'domain', scope_key: named || domainOf(task) }
}

/** A task with all that matching needs to know of it. */
export interface TaskContext {
  task: Task
  seen: TaskView
  /** What rules that allow see of it. */
  strict: TaskView
  scope: Scope
  domain: string
}

export function taskContext(task: Task, project: string, corrections: Corrections): TaskContext {
  const whole = taskView(task, corrections)
  return {
    task,
    seen: whole,
    strict: exactTaskView(whole, task, corrections),
    scope: scopeOf(task, project, corrections),
    domain: domainOf(task),
  }
}

/** The beginnings of triggers that must all hold. Others are legacy: any one of them is enough, but only where none of these stands. */
export const STRUCTURED = ['task_type', 'command', 'task', 'file', 'keyword', 'runs'] as const
export type TriggerKind = (typeof STRUCTURED)[number]

export interface Trigger {
  kind: TriggerKind
  value: string
}

/** A trigger that begins with a known kind, in two. */
export function splitTrigger(trigger: string): Trigger | undefined {
  const colon = trigger.indexOf(':')
  const kind = STRUCTURED.find((name) => name.length === colon && trigger.startsWith(name))
  return kind === undefined ? undefined : { kind, value: trigger.slice(colon + 1) }
}

/** Whether a rule speaks about a task. Empty scope keys hold everywhere within their scope. */
export function matches(rule: Rule, { seen: whole, strict, scope, domain }: TaskContext): boolean {
  if (rule.status === 'archived') return false
  if (rule.scope_key !== '') {
    if (rule.scope === 'project' && rule.scope_key !== scope.scope_key) return false
    if (rule.scope === 'domain' && rule.scope_key !== domain) return false
  }
  const task = rule.policy_decision === AUTO ? strict : whole
  const structured = rule.trigger
    .map(splitTrigger)
    .filter(
      (trigger) => trigger !== undefined && (trigger.kind !== 'runs' || task.runs !== undefined),
    ) as Trigger[]
  if (structured.length > 0) return structured.every(({ kind, value }) => HOLDS[kind](value, task))
  return rule.trigger.some(
    (trigger) => trigger === task.type || task.prose.includes(normalizeText(trigger)),
  )
}

const HOLDS: Record<TriggerKind, (value: string, task: TaskView) => boolean> = {
  task_type: (value, task) => value === task.type,
  command: (value, task) => task.isCommand(value),
  task: (value, task) => normalizeText(value) === task.summary,
  file: (value, task) => task.files.has(normalizeText(value)),
  keyword: (value, task) => task.prose.includes(normalizeText(value)),
  runs: (value, task) => task.runs?.(value) === true,
}
