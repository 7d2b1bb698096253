import type { Clock } from '../../../base/clock.ts'
import { asEvent } from '../../../journal/read.ts'
import type { StoredEvent } from '../../../journal/chain.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { DeckEvent } from '../../../journal/types.ts'
import type { Store } from '../../../store/open.ts'
import { streamMessages, TOLD_TYPES } from './messages.ts'

interface StreamParts {
  journal: Journal
  store: Store
  clock: Clock
}

/** Who listens to the stream. */
export interface StreamListener {
  org: string
  /** The id of its key: the stream ends with it. */
  key: string
  /** The cursor of the last event that it has; null for whatever comes. */
  after: string | null
  signal: AbortSignal
}

const HEARTBEAT_MS = 15_000
const LONGEST_MS = 30 * 60_000
/** Events that are looked at in one go while a client catches up. */
const SLICE = 500
/** Bytes that may wait for a client before no more of what it missed is read. */
const MOST_WAITING = 1 << 20
const CURSOR = /^j-(\d{1,15})$/

/**
 * Tells clients what happens, in frames of server-sent events. A cursor is a place in the journal,
 * so that nothing is lost after however long.
 */
export class ApiStream implements Disposable {
  readonly #parts: StreamParts
  readonly #live = new Set<Client>()
  readonly #unfollow: () => void
  readonly #since
  #cancelBeat: () => void = () => undefined

  constructor(parts: StreamParts) {
    this.#parts = parts
    this.#unfollow = parts.journal.follow(({ events }) => this.#tell(events))
    const types = TOLD_TYPES.map((type) => `'${type}'`).join(', ')
    this.#since = parts.store.prepare<[number, number], StoredEvent>(
      `SELECT * FROM event WHERE seq > ? AND seq <= ? AND type IN (${types}) ORDER BY seq`,
    )
  }

  /** The frames of a client from now on, after what it has missed. */
  open(listener: StreamListener): ReadableStream<Uint8Array> {
    const client = new Client(listener)
    const cursor = CURSOR.exec(listener.after ?? '')?.[1]
    const replay = { from: Number(cursor ?? this.#head), at: Number(cursor ?? this.#head), told: 0 }
    const cancel = this.#parts.clock.after(LONGEST_MS, () => client.end())
    client.onEnd(() => {
      cancel()
      this.#live.delete(client)
    })
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => client.begin(controller),
        pull: async () => {
          while (!client.isLive && client.wants) {
            this.#replay(client, replay)
            // Others are served between two slices.
            if (!client.isLive) await new Promise((go) => setImmediate(go))
          }
        },
        cancel: () => client.end(),
      },
      { highWaterMark: MOST_WAITING, size: (chunk) => chunk?.byteLength ?? 0 },
    )
  }

  /** Ends every stream: nobody is told any more. */
  endAll(): void {
    for (const client of this.#live) client.end()
  }

  [Symbol.dispose](): void {
    this.#unfollow()
    this.#cancelBeat()
    this.endAll()
  }

  get #head(): number {
    return this.#parts.journal.head().seq
  }

  /** Tells a slice of what was missed; with the last one, the client hears what happens. */
  #replay(client: Client, replay: { from: number; at: number; told: number }): void {
    const head = this.#head
    const to = Math.min(head, replay.at + SLICE)
    for (const stored of this.#since.all(replay.at, to)) {
      for (const { org, bytes } of this.#framesOf(asEvent(stored))) {
        if (org !== client.org) continue
        client.send(bytes)
        replay.told++
      }
      replay.at = stored.seq
      // The rest waits in the journal instead of in memory.
      if (!client.wants) return
    }
    replay.at = to
    if (to < head) return
    client.isLive = true
    const lastEventId = cursorOf(head)
    const connected = {
      status: 'ok',
      orgId: client.org,
      backend: 'journal',
      realtimeStatus: 'connected',
      replayed: replay.told,
      lastEventId,
      replayError: replay.from > head ? 'the cursor is not of this journal' : null,
    }
    // With an id, so that a client that has heard nothing else also resumes from here.
    client.send(framed('connected', connected, lastEventId))
    this.#live.add(client)
    if (this.#live.size === 1) this.#beat()
  }

  #tell(events: readonly DeckEvent[]): void {
    if (this.#live.size === 0) return
    for (const event of events) {
      if (event.type === 'api_key.revoked')
        this.#cut((event as DeckEvent<'api_key.revoked'>).body.id)
      for (const { org, bytes } of this.#framesOf(event))
        for (const client of this.#live) if (client.org === org) client.send(bytes)
    }
  }

  #cut(key: string): void {
    for (const client of this.#live) if (client.key === key) client.end()
  }

  /** Only the last frame of an event has its cursor: whoever stops before hears of it again. */
  #framesOf(event: DeckEvent): { org: string; bytes: Uint8Array }[] {
    const messages = streamMessages(event, this.#parts.journal.rows)
    return messages.map(({ org, name, data }, i) => ({
      org,
      bytes: framed(name, data, i === messages.length - 1 ? cursorOf(event.seq) : undefined),
    }))
  }

  /** Says something now and then, as long as somebody listens. */
  #beat(): void {
    this.#cancelBeat()
    this.#cancelBeat = this.#parts.clock.after(HEARTBEAT_MS, () => {
      for (const client of this.#live) client.send(BEAT)
      if (this.#live.size > 0) this.#beat()
    })
  }
}

/** A client that listens. */
class Client {
  readonly org: string
  readonly key: string
  isLive = false
  readonly #ended: (() => void)[] = []
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined

  constructor({ org, key, signal }: StreamListener) {
    this.org = org
    this.key = key
    signal.addEventListener('abort', () => this.end(), { once: true })
  }

  begin(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller
  }

  /** Whether more may be sent while it catches up. */
  get wants(): boolean {
    return (this.#controller?.desiredSize ?? 0) > 0
  }

  send(bytes: Uint8Array): void {
    const controller = this.#controller
    if (controller === undefined) return
    // What waits is at most twice the mark: one that reads slower is told so and cut off. It
    // resumes from the last event that it has.
    if (this.isLive && (controller.desiredSize ?? 0) + MOST_WAITING < bytes.byteLength) {
      controller.enqueue(TOO_SLOW)
      this.end()
    } else controller.enqueue(bytes)
  }

  onEnd(listener: () => void): void {
    this.#ended.push(listener)
  }

  end(): void {
    const controller = this.#controller
    if (controller === undefined) return
    this.#controller = undefined
    this.isLive = true
    for (const listener of this.#ended) listener()
    try {
      controller.close()
    } catch {
      // The reader has closed it already.
    }
  }
}

const encoder = new TextEncoder()
const BEAT = encoder.encode(': heartbeat\n\n')

const TOO_SLOW = framed('disconnected', {
  reason: 'events came faster than they were read: connect again from the last one',
})

function cursorOf(seq: number): string {
  return `j-${seq}`
}

function framed(name: string, data: unknown, id?: string): Uint8Array {
  const head = id === undefined ? '' : `id: ${id}\n`
  return encoder.encode(`${head}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
}
