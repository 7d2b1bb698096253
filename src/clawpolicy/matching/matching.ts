import type { Table } from '../../command-analysis/programs/table.ts'
import { CommandLine } from '../command.ts'
import { CORRECTED, type Corrections } from '../corrections.ts'
import { domainOf } from './scope.ts'
import { DEFAULT_TYPE, asTyped, filesOf, taskSummary, textOf } from '../task.ts'
import { normalizeText } from '../text.ts'
import { splitTrigger, type StructuredTrigger, type TriggerKind } from './triggers.ts'
import { AUTO, SCOPES, type Rule, type Scope, type ScopeName, type Task } from '../types.ts'

/** A task as triggers are compared with it, made once for each evaluation. */
interface TaskView {
  /** As it stands: types are compared exactly. */
  type: string
  /** Whether a trigger's value is this task's command. */
  isCommand: (value: string) => boolean
  /** Normalized, as `files` and `prose` are. */
  command: string
  /** Undefined where it does not count. */
  summary: string | undefined
  files: ReadonlySet<string>
  /** Where keywords are looked for: summary, description and command. */
  prose: string
  /** Whether the words of a `runs:` trigger hold; undefined where such triggers have no meaning. */
  runs: ((words: string) => boolean) | undefined
}

/** A task with everything that matching needs to know of it. */
export interface TaskContext {
  task: Task
  view: TaskView
  /** What rules that allow are compared with. */
  exactView: TaskView
  commandLine: CommandLine
  scope: Scope
  domain: string
}

interface MatcherOptions {
  corrections?: Corrections
  /** The key of the project that is served; empty for none. */
  project?: string
  /** Programs whose words are understood. */
  programs?: Table | undefined
}

/** Prepares tasks for matching. */
export class TaskMatcher {
  readonly #corrections: Corrections
  readonly #project: string
  readonly #programs: Table | undefined

  constructor({ corrections = CORRECTED, project = '', programs }: MatcherOptions = {}) {
    this.#programs = programs
    this.#corrections = corrections
    this.#project = project
  }

  contextOf(task: Task): TaskContext {
    const type = this.#typeOf(task)
    const commandLine = new CommandLine(textOf(task, 'command'), type, this.#programs)
    const view = this.#viewOf(task, type, commandLine)
    return {
      task,
      view,
      exactView: this.#exactViewOf(view, commandLine),
      commandLine,
      scope: this.scopeOf(task),
      domain: domainOf(task),
    }
  }

  /** Where something learned from a task will hold. */
  scopeOf(task: Task): Scope {
    const key = textOf(task, 'scope_key') || textOf(task, 'project_path') || this.#project
    const usual: ScopeName = key === '' ? 'domain' : 'project'
    const requested = textOf(task, 'scope')
    const scope = SCOPES.find((name) => name === requested) ?? usual
    if (scope === 'global') return { scope, scope_key: '' }
    if (scope === 'project' && key !== '') return { scope, scope_key: key }
    const asWritten = scope === 'domain' && !this.#corrections['one-domain']
    return {
      scope: 'domain',
      scope_key: (asWritten ? textOf(task, 'domain') : '') || domainOf(task),
    }
  }

  #typeOf(task: Task): string {
    const type = textOf(task, 'task_type')
    return type === '' && this.#corrections['one-task-type'] ? DEFAULT_TYPE : type
  }

  #viewOf(task: Task, type: string, commandLine: CommandLine): TaskView {
    const summary = normalizeText(taskSummary(task))
    const command = normalizeText(commandLine.text)
    return {
      type,
      isCommand: (value) => normalizeText(value) === command,
      command,
      summary,
      files: new Set(filesOf(task).map(normalizeText)),
      prose: normalizeText([summary, textOf(task, 'task_description'), command].join(' ')),
      runs: this.#corrections['kinds-of-commands']
        ? (words) => commandLine.runsAny(words)
        : undefined,
    }
  }

  /**
   * For rules that allow, where that is corrected: the very command, if there is one, and not what
   * is said about it.
   */
  #exactViewOf(view: TaskView, commandLine: CommandLine): TaskView {
    const runs =
      view.runs === undefined ? undefined : (words: string) => commandLine.runsOnly(words)
    if (!this.#corrections['allowing-is-exact']) return { ...view, runs }
    const command = asTyped(commandLine.text)
    const exact = { ...view, runs, isCommand: (value: string) => asTyped(value) === command }
    return command === '' ? exact : { ...exact, summary: undefined, prose: view.command }
  }
}

/** Whether a rule applies to a task. An empty scope key holds everywhere within its scope. */
export function matches(rule: Rule, context: TaskContext): boolean {
  if (rule.status === 'archived') return false
  if (rule.scope_key !== '') {
    if (rule.scope === 'project' && rule.scope_key !== context.scope.scope_key) return false
    if (rule.scope === 'domain' && rule.scope_key !== context.domain) return false
  }
  const view = rule.policy_decision === AUTO ? context.exactView : context.view
  const structured = rule.trigger
    .map(splitTrigger)
    .filter(
      (trigger) => trigger !== undefined && (trigger.kind !== 'runs' || view.runs !== undefined),
    ) as StructuredTrigger[]
  if (structured.length > 0) return structured.every(({ kind, value }) => HOLDS[kind](value, view))
  return rule.trigger.some(
    (trigger) => trigger === view.type || view.prose.includes(normalizeText(trigger)),
  )
}

const HOLDS: Record<TriggerKind, (value: string, view: TaskView) => boolean> = {
  task_type: (value, view) => value === view.type,
  command: (value, view) => view.isCommand(value),
  task: (value, view) => normalizeText(value) === view.summary,
  file: (value, view) => view.files.has(normalizeText(value)),
  keyword: (value, view) => view.prose.includes(normalizeText(value)),
  runs: (value, view) => view.runs?.(value) === true,
}
