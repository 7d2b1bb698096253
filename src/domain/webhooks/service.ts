import { asFault, Fault } from '../../base/fault.ts'
import { newId } from '../../base/ids.ts'
import { plain } from '../../base/text.ts'
import type { Journal } from '../../journal/journal.ts'
import type { DeckEvent, Draft } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import { attempt, headersOf, type AttemptParts } from './attempt.ts'
import { Pump, type PumpParts, type PumpTarget } from './pump.ts'
import { openQueue, type DeliveryQueue } from './queue.ts'
import {
  ADDRESSED,
  badUrl,
  failurePause,
  isAbout,
  isAddressedTo,
  MOST_ATTEMPTS,
  retryWait,
  typeMatcher,
} from './rules.ts'
import type { Delivery, DeliveryState, Webhook, WebhookService, WebhookTerms } from './types.ts'

export interface WebhookParts extends AttemptParts, Omit<PumpParts, 'queue' | 'head'> {
  journal: Journal
  store: Store
  /** Where deliveries are kept. The file is made with the first webhook. */
  queueFile: string
}

/** After so many failures in a row it counts as failing. */
const FAILING_AFTER = 3
/** More would only slow each other down. */
const MOST_WEBHOOKS = 50

/** Sends events to where operators want them. Without a webhook it holds nothing. */
export class Webhooks implements WebhookService, AsyncDisposable {
  readonly #parts: WebhookParts
  readonly #pumps = new Map<string, Pump>()
  /** Who hears of a type of event. */
  readonly #hearing = new Map<string, readonly Pump[]>()
  readonly #all: () => Webhook[]
  readonly #unfollow: () => void
  #queue: DeliveryQueue | undefined

  constructor(parts: WebhookParts) {
    this.#parts = parts
    const all = parts.store.prepare<[], string>('SELECT row FROM webhook ORDER BY id').pluck()
    this.#all = () => all.all().map((row) => JSON.parse(row) as Webhook)
    this.#unfollow = parts.journal.follow(({ events }) => this.#hear(events))
  }

  /** Goes on where the last supervisor ended. */
  async start(): Promise<void> {
    const hooks = this.#all()
    const refs = new Set(hooks.map(({ ref }) => ref))
    await this.#parts.secrets.keepOnly(refs)
    if (hooks.length === 0) return
    for (const ref of this.#openQueue().hooks()) if (!refs.has(ref)) this.#queue?.forget(ref)
    for (const hook of hooks) this.#open(hook)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow()
    await Promise.all([...this.#pumps.values()].map((pump) => pump[Symbol.asyncDispose]()))
    this.#queue?.[Symbol.dispose]()
  }

  /** Whether there is one of this name. */
  has(id: string): boolean {
    return this.#pumps.has(id)
  }

  async list(): Promise<Webhook[]> {
    return this.#all()
  }

  async add(
    { id, url, events, agents }: WebhookTerms,
    actor: string,
  ): Promise<{ webhook: Webhook; secret: string }> {
    const { journal, secrets, outbound } = this.#parts
    const bad = badUrl(url)
    if (bad !== undefined) throw new Fault('input.invalid', `url: ${bad}`)
    await (await outbound()).check(url)
    const ref = newId('whk')
    const { origin } = new URL(url)
    this.#refuseAnother(id)
    const { secret } = await secrets.make(ref, url)
    try {
      await journal.append(() => {
        this.#refuseAnother(id)
        const body = { id, ref, origin, events, agents }
        return [{ type: 'webhook.added', actor, subject: '', body }]
      })
    } catch (thrown) {
      await secrets.remove(ref)
      throw thrown
    }
    const webhook = this.#known(id)
    this.#open(webhook)
    return { webhook, secret }
  }

  async remove(id: string, actor: string): Promise<Webhook> {
    const { journal, secrets } = this.#parts
    const webhook = this.#known(id)
    await journal.append(() => {
      this.#known(id)
      return [{ type: 'webhook.removed', actor, subject: '', body: { id } }]
    })
    const pump = this.#pumps.get(id)
    this.#pumps.delete(id)
    this.#hearing.clear()
    await pump?.[Symbol.asyncDispose]()
    this.#queue?.forget(webhook.ref)
    await secrets.remove(webhook.ref)
    return webhook
  }

  async test(id: string): Promise<{ status: number; took: number }> {
    const { secrets, outbound, clock, deck } = this.#parts
    const { ref } = this.#known(id)
    const { url, secret } = await secrets.read(ref)
    const delivery = newId('test')
    const at = clock.now()
    const event = { type: 'webhook.test', at, actor: 'supervisor', subject: '', body: {} }
    const body = JSON.stringify({ deck, delivery, event })
    const headers = headersOf({ id: delivery, type: event.type, secret, body, at })
    const poster = await outbound()
    const began = performance.now()
    const signal = new AbortController().signal
    const { status, text } = await poster.post({ url, headers, body, signal })
    const took = Math.round(performance.now() - began)
    if (status < 200 || status >= 300)
      throw new Fault('not.possible', `it answered ${status}${text === '' ? '' : `: ${text}`}`, {
        hint: 'Only 2xx counts as received; redirects are not followed.',
      })
    return { status, took }
  }

  async deliveries(id: string, state: DeliveryState | 'all', limit: number): Promise<Delivery[]> {
    const { ref } = this.#known(id)
    return this.#openQueue().list(ref, state, limit)
  }

  async replay(
    id: string,
    delivery: string | undefined,
    actor: string,
  ): Promise<{ replayed: number }> {
    const { journal, clock } = this.#parts
    const { ref } = this.#known(id)
    const queue = this.#openQueue()
    const one = delivery === undefined ? undefined : queue.find(ref, delivery)
    if (delivery !== undefined && one === undefined)
      throw new Fault('not.found', `no delivery ${plain(delivery, 80)} of ${id}`, {
        hint: `\`clawdeck webhooks deliveries ${id}\` shows those that are kept.`,
      })
    const body = { id, delivery: delivery ?? null, wasDead: one?.state === 'dead' }
    await journal.append(() => [{ type: 'webhook.replayed', actor, subject: '', body }])
    const replayed = queue.again(ref, one?.event, clock.now())
    this.#pumps.get(id)?.wake()
    return { replayed }
  }

  #known(id: string): Webhook {
    const webhook = this.#parts.journal.rows.get<Webhook>('webhook', id)
    if (webhook === undefined)
      throw new Fault('not.found', `no webhook ${id}`, {
        hint: '`clawdeck webhooks list` shows those that there are.',
      })
    return webhook
  }

  #refuseAnother(id: string): void {
    if (this.#parts.journal.rows.get('webhook', id) !== undefined)
      throw new Fault('name.taken', `there is a webhook ${id} already`, {
        hint: `Choose another name, or remove it: clawdeck webhooks rm ${id}`,
      })
    if (this.#all().length >= MOST_WEBHOOKS)
      throw new Fault('not.possible', `there are ${MOST_WEBHOOKS} webhooks, the most that can be`)
  }

  #openQueue(): DeliveryQueue {
    const { queueFile, problem } = this.#parts
    return (this.#queue ??= openQueue(queueFile, problem))
  }

  #open(hook: Webhook): void {
    const { journal } = this.#parts
    const parts: PumpParts = {
      ...this.#parts,
      queue: this.#openQueue(),
      head: () => journal.head().seq,
    }
    const pump = new Pump(parts, this.#target(hook))
    this.#pumps.set(hook.id, pump)
    this.#hearing.clear()
    pump.start()
  }

  #target(hook: Webhook): PumpTarget {
    const { id, ref, after } = hook
    const fits = typeMatcher(hook.events)
    const draft = { actor: 'supervisor', subject: '' }
    return {
      id,
      ref,
      after,
      failures: hook.failingSince === null ? 0 : FAILING_AFTER,
      hears: (type) => fits(type) || ADDRESSED.has(type),
      wants: (event) =>
        (ADDRESSED.has(event.type) && isAddressedTo(event, id)) ||
        (fits(event.type) && isAbout(hook, event.subject)),
      attempt: (delivery, signal) => attempt(this.#parts, ref, delivery, signal),
      mostAttempts: MOST_ATTEMPTS,
      retryWait,
      failurePause,
      failed: (failures, why) => {
        if (failures === FAILING_AFTER)
          this.#note({ ...draft, type: 'webhook.failing', body: { id, why } })
      },
      recovered: (failures) => {
        if (failures >= FAILING_AFTER)
          this.#note({ ...draft, type: 'webhook.recovered', body: { id } })
      },
      gaveUp: (given) =>
        this.#note({ ...draft, type: 'webhook.dead_lettered', body: { id, ...given } }),
    }
  }

  #hear(events: readonly DeckEvent[]): void {
    const last = events.at(-1)
    if (this.#pumps.size === 0 || last === undefined) return
    for (const event of events) for (const pump of this.#hearingOf(event.type)) pump.offer(event)
    for (const pump of this.#pumps.values()) pump.passed(last.seq)
  }

  #hearingOf(type: string): readonly Pump[] {
    const known = this.#hearing.get(type)
    if (known !== undefined) return known
    const hearing = [...this.#pumps.values()].filter((pump) => pump.hears(type))
    this.#hearing.set(type, hearing)
    return hearing
  }

  #note(draft: Draft): void {
    this.#parts.journal
      .append(() => [draft])
      .catch((thrown: unknown) => {
        this.#parts.problem(`${draft.type} could not be written down: ${asFault(thrown).message}`)
      })
  }
}
