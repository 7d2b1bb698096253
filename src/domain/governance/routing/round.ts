import { rowId } from '../ids.ts'
import type { RecordChanges } from '../records/service.ts'
import { loadAfter, routeTask, taskAfter, TASK_URGENCIES, type TaskRouting } from './rules.ts'
import type {
  RoutedAnswer,
  RoutingTask,
  SkillMetric,
  StoredRoutingAgent,
  TaskPost,
} from './types.ts'

/** Agents that are looked at for a task, and waiting tasks that are looked at in one round. */
const MOST_AGENTS = 1000
const MOST_WAITING = 100

/** What changes of tasks and their agents in one transaction. */
export class RoutingRound {
  /** What is to be told once all of it is written. */
  readonly posts: TaskPost[] = []
  /** Tasks that were assigned in this round, and those that their agents are done with. */
  readonly assigned: RoutingTask[] = []
  readonly released: RoutingTask[] = []
  readonly #changes: RecordChanges
  #agents: StoredRoutingAgent[] | undefined

  constructor(changes: RecordChanges) {
    this.#changes = changes
  }

  /** Gives a task to the best agent that is free, or lets it wait. */
  assign(task: RoutingTask): RoutedAnswer {
    const routing = routeTask(task, this.#available(), (agent, skill) => this.#metric(agent, skill))
    if (routing.status === 'pending') {
      const isWaiting = task.status === 'pending' && task.assigned_to === null
      const waiting = { status: 'pending', assigned_to: null, assigned_at: null } as const
      return { task: isWaiting ? task : this.#change(task, waiting), routing }
    }
    const { now } = this.#changes
    this.#log(task, routing)
    this.#load(routing.agent_id, (load) => load + 1)
    const change = { status: 'assigned', assigned_to: routing.agent_id, assigned_at: now } as const
    const assigned = this.#change(task, change)
    this.assigned.push(assigned)
    this.#post('task.assigned', assigned, this.#agent(routing.agent_id)?.endpoint ?? null)
    return { task: assigned, routing }
  }

  /** Ends a task that its agent did. */
  complete(task: RoutingTask, result: unknown): RoutedAnswer {
    this.#release(task, 'completed')
    const done = this.#change(task, {
      status: 'completed',
      result,
      error: null,
      completed_at: this.#changes.now,
    })
    this.#post('task.completed', done, done.callback_url)
    return { task: done, routing: { status: 'completed' } }
  }

  /** Gives a task that failed to an agent again, or gives it up. */
  fail(task: RoutingTask, error: string): RoutedAnswer {
    this.#release(task, 'failed')
    const { status, retry_count } = taskAfter(task, false)
    if (status === 'pending') return this.assign(this.#change(task, { retry_count, error }))
    const given = this.#change(task, { status: 'escalated', error })
    this.#post('task.escalated', given, given.callback_url)
    return { task: given, routing: { status: 'escalated', reason: error } }
  }

  /** Gives waiting tasks to agents that are free now: urgent ones first, then the oldest. */
  drain(): void {
    const waiting = this.#changes
      .find<RoutingTask>('routing_task', {
        status: 'pending',
        order: ['created_at'],
        limit: MOST_WAITING,
      })
      .toSorted((a, b) => urgencyOf(b) - urgencyOf(a))
    for (const { id } of waiting) {
      const task = this.#changes.get<RoutingTask>('routing_task', id)
      if (task?.status === 'pending') this.#assignIfPossible(task)
    }
  }

  /** Takes an agent out. Its tasks go to others. */
  remove(agent: StoredRoutingAgent): void {
    this.#changes.remove('routing_agent', agent.id)
    this.#agents = this.#available().filter(({ id }) => id !== agent.id)
    const tasks = this.#changes.find<RoutingTask>('routing_task', {
      where: { assigned_to: agent.id },
      status: 'assigned',
      limit: MOST_AGENTS,
    })
    for (const task of tasks) this.assign(task)
  }

  #assignIfPossible(task: RoutingTask): void {
    const found = routeTask(task, this.#available(), (agent, skill) => this.#metric(agent, skill))
    if (found.status === 'assigned') this.assign(task)
  }

  #available(): StoredRoutingAgent[] {
    return (this.#agents ??= this.#changes
      .find<StoredRoutingAgent>('routing_agent', { status: 'available', limit: MOST_AGENTS })
      .flatMap(({ id }) => this.#agent(id) ?? []))
  }

  #agent(id: string): StoredRoutingAgent | undefined {
    return this.#changes.get<StoredRoutingAgent>('routing_agent', id)
  }

  #change(task: RoutingTask, change: Partial<RoutingTask>): RoutingTask {
    const changed = { ...task, ...change, updated_at: this.#changes.now }
    this.#changes.change('routing_task', task.id, { ...change, updated_at: changed.updated_at })
    return changed
  }

  #load(id: string, change: (load: number) => number): void {
    const agent = this.#agent(id)
    if (agent === undefined) return
    const current_load = change(agent.current_load)
    this.#changes.change('routing_agent', id, { current_load })
    this.#agents = this.#agents?.map((each) => (each.id === id ? { ...each, current_load } : each))
  }

  #release(task: RoutingTask, ended: 'completed' | 'failed'): void {
    const { assigned_to: agent } = task
    if (agent === null) return
    this.released.push(task)
    this.#load(agent, (load) => loadAfter({ current_load: load }))
    for (const skill of new Set(task.required_skills)) {
      const key = `${agent}/${skill}`
      const before = this.#changes.get<SkillMetric>('routing_skill', key)
      const metric = before ?? { agent_id: agent, skill, completed: 0, failed: 0 }
      const counted = { [ended]: metric[ended] + 1 }
      if (before === undefined) this.#changes.make('routing_skill', key, { ...metric, ...counted })
      else this.#changes.change('routing_skill', key, counted)
    }
  }

  #metric(agent: string, skill: string): Pick<SkillMetric, 'completed' | 'failed'> {
    return (
      this.#changes.get<SkillMetric>('routing_skill', `${agent}/${skill}`) ?? {
        completed: 0,
        failed: 0,
      }
    )
  }

  #log(task: RoutingTask, { agent_id, score, reasons }: Extract<TaskRouting, { score: number }>) {
    this.#changes.make('routing_decision', rowId('rd'), {
      task_id: task.id,
      routed_to: agent_id,
      score,
      reasons,
      created_at: this.#changes.now,
    })
  }

  #post(event: TaskPost['event'], task: RoutingTask, url: string | null): void {
    if (url === null) return
    const post: TaskPost = {
      id: rowId('tp'),
      event,
      task_id: task.id,
      assigned_at: event === 'task.assigned' ? task.assigned_at : null,
      url,
      status: 'waiting',
      attempts: 0,
      why: null,
    }
    this.#changes.make('routing_post', post.id, post)
    this.posts.push(post)
  }
}

function urgencyOf({ urgency }: RoutingTask): number {
  return TASK_URGENCIES.indexOf(urgency)
}
