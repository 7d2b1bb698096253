import { randomBytes, randomUUID } from 'node:crypto'
import { sha256 } from '../../../base/canonical.ts'
import type { Clock } from '../../../base/clock.ts'
import { asFault, Fault } from '../../../base/fault.ts'
import type { Journal } from '../../../journal/journal.ts'
import { asEvent, type eventReader } from '../../../journal/read.ts'
import type { DeckEvent } from '../../../journal/types.ts'
import type { Outbound } from '../../../ports/outbound.ts'
import type { AttemptResult } from '../../webhooks/attempt.ts'
import { Pump, type PumpTarget } from '../../webhooks/pump.ts'
import { openQueue, type DeliveryQueue } from '../../webhooks/queue.ts'
import { badUrl } from '../../webhooks/rules.ts'
import type { WebhookSecrets } from '../../webhooks/secrets.ts'
import type { Delivery } from '../../webhooks/types.ts'
import type { OrgService } from '../orgs/types.ts'
import type { RecordAuthor, RecordStore } from '../records/service.ts'
import { required } from '../refusals.ts'
import { isoTime } from '../times.ts'
import type { ShownWebhook, StoredWebhook } from './types.ts'
import { AttemptLog, type LoggedAttempt } from './attempt-log.ts'
import { postLogged, type WebhookMessage } from './posting.ts'
import {
  apiFailurePause,
  heardOf,
  mayBeHeard,
  messageFor,
  MOST_FAILURES,
  testMessage,
} from './rules.ts'

interface ApiWebhookParts {
  journal: Journal
  read: Pick<ReturnType<typeof eventReader>, 'since' | 'one'>
  records: RecordStore
  orgs: Pick<OrgService, 'list'>
  clock: Clock
  secrets: WebhookSecrets
  outbound: () => Promise<Outbound>
  /** Where deliveries and attempts are kept. The files are made with the first webhook. */
  files: { queue: string; log: string }
  baseUrl: () => string
  /** From 0 to 1. */
  random: () => number
  problem: (what: string) => void
}

const KIND = 'webhook'
/** More would only slow each other down. */
const MOST_OF_ORG = 20

/** Sends signals and decisions to where admins of organisations want them. */
export class ApiWebhooks implements AsyncDisposable {
  readonly #parts: ApiWebhookParts
  readonly #pumps = new Map<string, Pump>()
  readonly #unfollow: () => void
  #queue: DeliveryQueue | undefined
  #log: AttemptLog | undefined

  constructor(parts: ApiWebhookParts) {
    this.#parts = parts
    this.#unfollow = parts.journal.follow(({ events }) => this.#hear(events))
  }

  /** Goes on where the last supervisor ended. */
  async start(): Promise<void> {
    const { orgs, secrets, problem } = this.#parts
    const hooks = orgs.list().flatMap(({ id }) => this.#all(id))
    const ids = new Set(hooks.map(({ id }) => id))
    try {
      await secrets.keepOnly(ids)
      if (hooks.length === 0) return
      const { queue } = this.#files
      for (const ref of queue.hooks()) if (!ids.has(ref)) queue.forget(ref)
      for (const hook of hooks) if (hook.active) this.#open(hook)
    } catch (thrown) {
      problem(`webhooks of the API do not work: ${asFault(thrown).message}`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow()
    await Promise.all([...this.#pumps.values()].map((pump) => pump[Symbol.asyncDispose]()))
    this.#queue?.[Symbol.dispose]()
    this.#log?.[Symbol.dispose]()
  }

  /** Webhooks of an organisation, the newest first. Their secrets are not told. */
  list(org: string): Promise<ShownWebhook[]> {
    return Promise.all(this.#all(org).map((hook) => this.#shown(hook)))
  }

  /** The secret is in this answer only. Fault `input.invalid`: an address that is not allowed. */
  async add(
    author: RecordAuthor,
    { url, events }: { url: string; events: readonly string[] },
  ): Promise<ShownWebhook & { secret: string }> {
    const { records, secrets } = this.#parts
    await this.#requireAllowed(url)
    const id = `wh_${randomUUID()}`
    const { secret } = await secrets.make(id, url, randomBytes(32).toString('hex'))
    try {
      const hook = await records.write(author, (changes): StoredWebhook => {
        if (records.count(author.org, KIND) >= MOST_OF_ORG)
          throw new Fault('not.possible', `there are ${MOST_OF_ORG} webhooks, the most that can be`)
        const made = {
          id,
          org_id: author.org,
          origin: new URL(url).origin,
          events,
          active: true,
          failure_count: 0,
          last_error: null,
          after: changes.serial,
          created_at: changes.now,
        }
        changes.make(KIND, id, made)
        return made
      })
      this.#open(hook)
      return { ...(await this.#shown(hook)), secret }
    } catch (thrown) {
      await secrets.remove(id)
      throw thrown
    }
  }

  /** Fault `not.found`. */
  async remove(author: RecordAuthor, id: string): Promise<void> {
    await this.#parts.records.write(author, (changes) => {
      required(changes.get(KIND, id), `Webhook ${id}`)
      changes.remove(KIND, id)
    })
    await this.#close(id)
    this.#files.queue.forget(id)
    this.#files.log.forget(id)
    await this.#parts.secrets.remove(id)
  }

  /** Posts a test at once. One that arrives ends a deactivation. Fault `not.found`. */
  async test(author: RecordAuthor, id: string): Promise<{ status: number | null; why: string }> {
    const { records, clock } = this.#parts
    const hook = this.#known(author.org, id)
    const body = testMessage(author.org, isoTime(clock.now()))
    const message = { id: `wd_${randomUUID()}`, name: 'test', body }
    const { status, why } = await this.#post(id, message, new AbortController().signal)
    if (why !== '' || (hook.active && hook.failure_count === 0)) return { status, why }
    const woken = await records.write(author, (changes) => {
      const now = required(changes.get<StoredWebhook>(KIND, id), `Webhook ${id}`)
      const change = {
        active: true,
        failure_count: 0,
        last_error: null,
        ...(now.active ? {} : { after: changes.serial }),
      }
      changes.change(KIND, id, change)
      return { ...now, ...change }
    })
    await this.#close(id)
    // What happened while it was deactivated is not told.
    if (!hook.active) this.#files.queue.forget(id)
    this.#open(woken)
    return { status, why }
  }

  /** What was sent, the latest first. Fault `not.found`. */
  deliveries(org: string, id: string, page: { limit: number; offset: number }): LoggedAttempt[] {
    this.#known(org, id)
    return this.#files.log.list(id, page)
  }

  #all(org: string): StoredWebhook[] {
    return this.#parts.records.find<StoredWebhook>(org, KIND, { limit: MOST_OF_ORG })
  }

  #known(org: string, id: string): StoredWebhook {
    return required(this.#parts.records.get<StoredWebhook>(org, KIND, id), `Webhook ${id}`)
  }

  async #shown({ org_id: _org, origin, after: _after, ...hook }: StoredWebhook) {
    const { url } = await this.#parts.secrets.read(hook.id).catch(() => ({ url: origin }))
    return { ...hook, url }
  }

  async #requireAllowed(url: string): Promise<void> {
    const bad = badUrl(url)
    if (bad !== undefined) throw new Fault('input.invalid', `url: ${bad}`)
    try {
      await (await this.#parts.outbound()).check(url)
    } catch (thrown) {
      throw new Fault('input.invalid', `url: ${asFault(thrown).message}`, { cause: thrown })
    }
  }

  get #files(): { queue: DeliveryQueue; log: AttemptLog } {
    const { files, problem } = this.#parts
    this.#queue ??= openQueue(files.queue, problem)
    this.#log ??= new AttemptLog(files.log)
    return { queue: this.#queue, log: this.#log }
  }

  #open(hook: StoredWebhook): void {
    const { journal } = this.#parts
    const { queue } = this.#files
    const parts = { ...this.#parts, queue, head: () => journal.head().seq }
    const pump = new Pump(parts, this.#target(hook))
    this.#pumps.set(hook.id, pump)
    pump.start()
  }

  async #close(id: string): Promise<void> {
    const pump = this.#pumps.get(id)
    this.#pumps.delete(id)
    await pump?.[Symbol.asyncDispose]()
  }

  #hear(events: readonly DeckEvent[]): void {
    const last = events.at(-1)
    if (this.#pumps.size === 0 || last === undefined) return
    for (const event of events)
      if (mayBeHeard(event.type)) for (const pump of this.#pumps.values()) pump.offer(event)
    for (const pump of this.#pumps.values()) pump.passed(last.seq)
  }

  #target(hook: StoredWebhook): PumpTarget {
    const { id, org_id: org, events } = hook
    const { journal } = this.#parts
    return {
      id,
      ref: id,
      after: hook.after,
      failures: hook.failure_count,
      hears: mayBeHeard,
      wants: (event) => {
        const heard = heardOf(event, journal.rows)
        return heard?.org === org && (events.includes('all') || events.includes(heard.name))
      },
      attempt: (delivery, signal) => this.#attempt(hook, delivery, signal),
      mostAttempts: MOST_FAILURES,
      retryWait: apiFailurePause,
      failurePause: apiFailurePause,
      failed: (failures, why) => this.#failed(hook, failures, why),
      recovered: () => this.#note(hook, { failure_count: 0, last_error: null }),
      gaveUp: () => undefined,
    }
  }

  #failed(hook: StoredWebhook, failures: number, why: string): void {
    const isOver = failures >= MOST_FAILURES
    this.#note(hook, {
      failure_count: failures,
      last_error: why,
      ...(isOver ? { active: false } : {}),
    })
    if (isOver) void this.#close(hook.id)
  }

  #note({ id, org_id: org }: StoredWebhook, change: Partial<StoredWebhook>): void {
    const author = { org, actor: 'supervisor', subject: '' }
    this.#parts.records
      .write(author, (changes) => {
        if (changes.get(KIND, id) !== undefined) changes.change(KIND, id, change)
      })
      .catch((thrown: unknown) => {
        const what = asFault(thrown).message
        this.#parts.problem(`a change of webhook ${id} could not be written down: ${what}`)
      })
  }

  async #attempt(
    hook: StoredWebhook,
    { event: seq, id }: Delivery,
    signal: AbortSignal,
  ): Promise<AttemptResult> {
    const { read, journal, baseUrl } = this.#parts
    const stored = read.one(seq)
    const heard = stored === undefined ? undefined : heardOf(asEvent(stored), journal.rows)
    if (stored === undefined || heard === undefined)
      return { status: null, why: 'what it is about is gone', isOver: true }
    const body = messageFor(heard, { at: isoTime(stored.at), baseUrl: baseUrl() })
    const delivery = `wd_${sha256(id).slice(0, 32)}`
    const message = { id: delivery, name: heard.name, body }
    return { ...(await this.#post(hook.id, message, signal)), isOver: false }
  }

  #post(hook: string, message: WebhookMessage, signal: AbortSignal) {
    return postLogged({ ...this.#parts, log: this.#files.log }, { hook, message, signal })
  }
}
