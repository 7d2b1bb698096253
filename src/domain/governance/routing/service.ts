import type { Clock } from '../../../base/clock.ts'
import { asFault, Fault } from '../../../base/fault.ts'
import type { Outbound } from '../../../ports/outbound.ts'
import type { ApiAuthor } from '../guard/service.ts'
import { rowId } from '../ids.ts'
import type { OrgService } from '../orgs/types.ts'
import type { RecordAuthor, RecordChanges, RecordStore } from '../records/service.ts'
import { required } from '../refusals.ts'
import { SECOND } from '../times.ts'
import { TaskPosts } from './posts.ts'
import { RoutingRound } from './round.ts'
import { isTaskOverdue, type AgentSkill } from './rules.ts'
import {
  type RoutedAnswer,
  type RoutingTask,
  type SkillMetric,
  type StoredRoutingAgent,
  type TaskPost,
} from './types.ts'

interface RoutingParts {
  records: RecordStore
  clock: Clock
  outbound: () => Promise<Outbound>
  orgs: Pick<OrgService, 'list'>
}

/** A task that somebody gives. */
export type GivenTask = Pick<
  RoutingTask,
  | 'title'
  | 'description'
  | 'required_skills'
  | 'urgency'
  | 'timeout_seconds'
  | 'max_retries'
  | 'callback_url'
>

const MOST_RESUMED = 10_000
const ACTOR = 'supervisor'

/** Gives tasks to agents, watches how long they take, and gives them again or up. */
export class TaskRouter implements Disposable {
  readonly #parts: RoutingParts
  readonly #posts: TaskPosts
  /** What ends the wait for each assigned task. */
  readonly #deadlines = new Map<string, () => void>()

  constructor(parts: RoutingParts) {
    this.#parts = parts
    this.#posts = new TaskPosts({
      ...parts,
      undelivered: (org, post) => void this.#unheard(org, post),
    })
  }

  /** One that has taken up what was under way when it was stopped. */
  static started(parts: RoutingParts): TaskRouter {
    const router = new TaskRouter(parts)
    router.#resume()
    return router
  }

  #resume(): void {
    const { records, orgs } = this.#parts
    for (const { id: org } of orgs.list()) {
      const query = { limit: MOST_RESUMED }
      for (const task of records.find<RoutingTask>(org, 'routing_task', {
        ...query,
        status: 'assigned',
      }))
        this.#watch(task)
      for (const post of records.find<TaskPost>(org, 'routing_post', {
        ...query,
        status: 'waiting',
      }))
        this.#posts.send(org, post)
    }
  }

  [Symbol.dispose](): void {
    for (const cancel of this.#deadlines.values()) cancel()
    this.#deadlines.clear()
    this.#posts[Symbol.dispose]()
  }

  /** Fault `input.invalid` for an endpoint that nothing may be posted to. */
  async register(
    author: ApiAuthor,
    given: {
      name: string
      capabilities: AgentSkill[]
      max_concurrent: number
      endpoint: string | null
    },
  ): Promise<StoredRoutingAgent> {
    await this.#requireAddress('endpoint', given.endpoint)
    return this.#round(
      author,
      (_, changes) => {
        const agent: StoredRoutingAgent = {
          id: rowId('ra'),
          org_id: author.org,
          ...given,
          status: 'available',
          current_load: 0,
          created_at: changes.now,
          updated_at: changes.now,
        }
        changes.make('routing_agent', agent.id, agent)
        return agent
      },
      { thenDrain: true },
    )
  }

  /** Fault `not.found`. */
  agent(org: string, id: string): StoredRoutingAgent {
    const { records } = this.#parts
    return required(records.get<StoredRoutingAgent>(org, 'routing_agent', id), `Agent ${id}`)
  }

  metrics(org: string, id: string): SkillMetric[] {
    return this.#parts.records.find(org, 'routing_skill', { agent: id, limit: 200 })
  }

  /** Fault `not.found`. */
  setStatus(
    author: ApiAuthor,
    id: string,
    status: StoredRoutingAgent['status'],
  ): Promise<StoredRoutingAgent> {
    return this.#round(
      author,
      (_, changes) => {
        const agent = this.agent(author.org, id)
        const change = { status, updated_at: changes.now }
        changes.change('routing_agent', id, change)
        return { ...agent, ...change }
      },
      { thenDrain: true },
    )
  }

  /** Takes an agent out; its tasks go to others. Fault `not.found`. */
  remove(author: ApiAuthor, id: string): Promise<StoredRoutingAgent> {
    return this.#round(author, (round) => {
      const agent = this.agent(author.org, id)
      round.remove(agent)
      return agent
    })
  }

  /** Gives a task. Fault `input.invalid` for a callback that nothing may be posted to. */
  async submit(author: ApiAuthor, given: GivenTask): Promise<RoutedAnswer> {
    await this.#requireAddress('callbackUrl', given.callback_url)
    return this.#round(author, (round, changes) => {
      const task: RoutingTask = {
        id: rowId('rt'),
        org_id: author.org,
        ...given,
        status: 'pending',
        assigned_to: null,
        assigned_at: null,
        retry_count: 0,
        result: null,
        error: null,
        completed_at: null,
        created_at: changes.now,
        updated_at: changes.now,
      }
      changes.make('routing_task', task.id, task)
      return round.assign(task)
    })
  }

  /** Fault `not.found`. */
  task(org: string, id: string): RoutingTask {
    return required(this.#parts.records.get<RoutingTask>(org, 'routing_task', id), `Task ${id}`)
  }

  /** Ends a task. Faults: `not.found`; `not.possible` for one that no agent is at work on. */
  complete(
    author: ApiAuthor,
    id: string,
    { success, result, error }: { success: boolean; result: unknown; error: string | null },
  ): Promise<RoutedAnswer> {
    return this.#round(
      author,
      (round) => {
        const task = this.task(author.org, id)
        if (task.status !== 'assigned')
          throw new Fault('not.possible', `the task is ${task.status}: no agent is at work on it`)
        return success
          ? round.complete(task, result)
          : round.fail(task, error ?? 'the agent reported a failure')
      },
      { thenDrain: true },
    )
  }

  /** One transaction, and what follows from it. */
  async #round<T>(
    author: Pick<ApiAuthor, 'org' | 'actor'>,
    decide: (round: RoutingRound, changes: RecordChanges) => T,
    { thenDrain = false } = {},
  ): Promise<T> {
    const by: RecordAuthor = { org: author.org, actor: author.actor, subject: '' }
    let rounds: RoutingRound[] = []
    const answer = await this.#parts.records.write(by, (changes) => {
      const round = new RoutingRound(changes)
      rounds = [round]
      return decide(round, changes)
    })
    if (thenDrain)
      await this.#parts.records.write(by, (changes) => {
        const round = new RoutingRound(changes)
        rounds.push(round)
        round.drain()
      })
    for (const { posts, assigned, released } of rounds) {
      for (const { id } of released) this.#unwatch(`${author.org}/${id}`)
      for (const task of assigned) this.#watch(task)
      for (const post of posts) this.#posts.send(author.org, post)
    }
    return answer
  }

  #watch({ id, org_id: org, assigned_at: at, timeout_seconds: seconds }: RoutingTask): void {
    const { clock } = this.#parts
    const due = Date.parse(at ?? '') + seconds * SECOND
    const key = `${org}/${id}`
    this.#unwatch(key)
    const cancel = clock.after(Math.max(0, due - clock.now()), () => {
      this.#deadlines.delete(key)
      void this.#overdue(org, id, at)
    })
    this.#deadlines.set(key, cancel)
  }

  #unwatch(key: string): void {
    this.#deadlines.get(key)?.()
    this.#deadlines.delete(key)
  }

  async #overdue(org: string, id: string, assignedAt: string | null): Promise<void> {
    const task = this.#parts.records.get<RoutingTask>(org, 'routing_task', id)
    if (task?.status !== 'assigned' || task.assigned_at !== assignedAt) return
    const deadline = { assigned_at: assignedAt ?? '', timeout_seconds: task.timeout_seconds }
    // Timers count a machine's time; what is due is a question of the deck's.
    if (!isTaskOverdue(deadline, this.#parts.clock.now())) return this.#watch(task)
    await this.#giveUp(org, task, `not done within ${task.timeout_seconds} s`)
  }

  async #unheard(org: string, { event, task_id: id, assigned_at, why }: TaskPost): Promise<void> {
    const task = this.#parts.records.get<RoutingTask>(org, 'routing_task', id)
    if (event !== 'task.assigned' || task?.assigned_at !== assigned_at) return
    await this.#giveUp(org, task, `the agent cannot be told: ${why}`)
  }

  /** The agent of a task does not do it. */
  async #giveUp(org: string, { id, assigned_at }: RoutingTask, error: string): Promise<void> {
    const author = { org, actor: ACTOR }
    const again = (round: RoutingRound) => {
      const task = this.task(org, id)
      if (task.status === 'assigned' && task.assigned_at === assigned_at) round.fail(task, error)
    }
    // What cannot be written now is seen to after the next start.
    await this.#round(author, again, { thenDrain: true }).catch(() => undefined)
  }

  /** Names that have no address now may have one later; what is not allowed never will be. */
  async #requireAddress(name: string, url: string | null): Promise<void> {
    if (url === null) return
    const outbound = await this.#parts.outbound()
    await outbound.check(url).catch((thrown: unknown) => {
      const { code, message, hint } = asFault(thrown)
      if (code === 'not.possible') return
      const more = hint === undefined ? {} : { hint }
      throw new Fault('input.invalid', `${name}: ${message}`, more)
    })
  }
}
