import type { Clock } from '../../../base/clock.ts'
import { asFault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import type { Outbound } from '../../../ports/outbound.ts'
import type { RecordStore } from '../records/service.ts'
import { SECOND } from '../times.ts'
import type { RoutingTask, TaskPost } from './types.ts'

interface PostParts {
  records: RecordStore
  clock: Clock
  outbound: () => Promise<Outbound>
  /** An agent could not be told of its task. */
  undelivered: (org: string, post: TaskPost) => void
}

/** How long it waits before each further attempt. */
const WAITS = [2 * SECOND, 10 * SECOND, 60 * SECOND, 300 * SECOND]
/** Requests at the same time. */
const AT_ONCE = 16
const ACTOR = 'supervisor'

/** Tells agents of their tasks, and whoever gave a task of its end; again if they do not hear. */
export class TaskPosts implements Disposable {
  readonly #parts: PostParts
  readonly #stop = new AbortController()
  readonly #waiting: { org: string; post: TaskPost }[] = []
  readonly #timers = new Set<() => void>()
  #running = 0

  constructor(parts: PostParts) {
    this.#parts = parts
  }

  send(org: string, post: TaskPost): void {
    this.#waiting.push({ org, post })
    this.#next()
  }

  [Symbol.dispose](): void {
    this.#stop.abort()
    for (const cancel of this.#timers) cancel()
  }

  #next(): void {
    while (this.#running < AT_ONCE && !this.#stop.signal.aborted) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#running++
      void this.#attempt(next.org, next.post).finally(() => {
        this.#running--
        this.#next()
      })
    }
  }

  async #attempt(org: string, post: TaskPost): Promise<void> {
    const { records } = this.#parts
    const task = records.get<RoutingTask>(org, 'routing_task', post.task_id)
    const why = task === undefined || isPast(task, post) ? '' : await this.#post(post, task)
    if (this.#stop.signal.aborted) return
    const author = { org, actor: ACTOR, subject: '' }
    const attempts = post.attempts + 1
    const wait = WAITS[attempts - 1]
    const write = (change: Partial<TaskPost> | undefined) =>
      records.write(author, (changes) => {
        if (change === undefined) changes.remove('routing_post', post.id)
        else changes.change('routing_post', post.id, change)
      })
    try {
      if (why === '') await write(undefined)
      else await write({ attempts, why, status: wait === undefined ? 'failed' : 'waiting' })
    } catch {
      // Nothing can be written: after the next start it is sent again.
      return
    }
    if (why === '') return
    if (wait === undefined) this.#parts.undelivered(org, { ...post, attempts, why })
    else this.#later(wait, () => this.send(org, { ...post, attempts, why }))
  }

  /** Why it did not arrive; '' if it did. */
  async #post({ event, url, id }: TaskPost, task: RoutingTask): Promise<string> {
    try {
      const outbound = await this.#parts.outbound()
      const { status } = await outbound.post({
        url,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'clawdeck',
          'x-dashclaw-event': event,
          'x-dashclaw-delivery': id,
        },
        body: JSON.stringify({ event, task }),
        signal: this.#stop.signal,
      })
      return status >= 200 && status < 300 ? '' : `it answered ${status}`
    } catch (thrown) {
      return plain(asFault(thrown).message, 200)
    }
  }

  #later(ms: number, act: () => void): void {
    const cancel = this.#parts.clock.after(ms, () => {
      this.#timers.delete(cancel)
      act()
    })
    this.#timers.add(cancel)
  }
}

/** Whether an agent would be told of a task that is not its own any more. */
function isPast(task: RoutingTask, { event, assigned_at }: TaskPost): boolean {
  return (
    event === 'task.assigned' && (task.status !== 'assigned' || task.assigned_at !== assigned_at)
  )
}
