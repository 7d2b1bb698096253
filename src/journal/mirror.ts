import type { Store } from '../store/open.ts'
import type { StoredEvent } from './chain.ts'
import type { Journal } from './journal.ts'
import { MirrorFile } from './mirror-file.ts'
import { eventReader } from './read.ts'

/**
 * Events are gathered this long, so that a file is opened once for many, and not while an agent
 * waits for its answer.
 */
const GATHER_MS = 50
/** After these events the agent's folder is another one than before. */
const FOLDER_EVENTS: readonly string[] = ['agent.created', 'agent.deleted', 'agent.restored']

interface MirrorOptions {
  store: Store
  journal: Journal
  /** The mirror of all events. */
  file: string
  /** The mirror of one agent's events, and of those of earlier agents with the same name. */
  agentFile: (name: string) => string
  agents: () => string[]
  problem: (what: string) => void
  /** Nothing is written before `renew`: the files have lines of events that the journal lost. */
  frozen?: boolean
}

/**
 * Copies every event, as the line that verification expects, to the mirror of all events and to
 * that of its agent. A mirror may lag behind the journal, and is brought up to date from it
 * whenever its state is unknown: at the start, after a failure, and when a folder appeared or
 * disappeared.
 */
export class Mirror {
  readonly #options: MirrorOptions
  readonly #read: ReturnType<typeof eventReader>
  readonly #all: MirrorFile
  readonly #ofAgents = new Map<string, MirrorFile>()
  readonly #unfollow: () => void
  #waiting: StoredEvent[] = []
  #writing: Promise<void> | undefined
  #writtenSeq: number
  #writeNow = (): void => undefined
  #frozen: boolean

  /** Resolves when the mirrors are up to date, as far as they can be written. */
  static async start(options: MirrorOptions): Promise<Mirror> {
    const mirror = new Mirror(options)
    if (mirror.#frozen) return mirror
    await mirror.#all.add([])
    for (const agent of options.agents()) await mirror.#ofAgent(agent).add([])
    return mirror
  }

  private constructor(options: MirrorOptions) {
    const { store, journal, file, problem } = options
    this.#options = options
    this.#frozen = options.frozen === true
    this.#read = eventReader(store)
    this.#all = new MirrorFile(file, (seq, limit) => this.#read.since(seq, limit), problem)
    this.#writtenSeq = journal.head().seq
    this.#unfollow = journal.follow(({ stored }) => {
      this.#waiting.push(...stored)
      this.#schedule()
    })
  }

  /** Resolves when every event committed so far is in its files, as far as they can be written. */
  async flush(): Promise<void> {
    // Later events are not waited for: there may be no end of them.
    const due = this.#options.journal.head().seq
    while (this.#writing !== undefined && this.#writtenSeq < due) {
      this.#writeNow()
      await this.#writing
    }
    if (this.#frozen) return
    for (const file of [this.#all, ...this.#ofAgents.values()]) if (file.behind) await file.add([])
  }

  /** Keeps every file under another name, and writes new ones from the journal. */
  async renew(label: string): Promise<void> {
    await this.flush()
    this.#frozen = false
    await this.#all.renew(label)
    for (const agent of this.#options.agents()) await this.#ofAgent(agent).renew(label)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow()
    await this.flush()
  }

  #schedule(): void {
    this.#writing ??= this.#gathered().then(() => this.#writeBatch())
  }

  #gathered(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, GATHER_MS)
      this.#writeNow = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#waiting
    this.#waiting = []
    await this.#write(batch)
    this.#writtenSeq = batch.at(-1)?.seq ?? this.#writtenSeq
    this.#writing = undefined
    if (this.#waiting.length > 0) this.#schedule()
  }

  async #write(events: readonly StoredEvent[]): Promise<void> {
    if (this.#frozen) return
    await this.#all.add(events)
    for (const [agent, own] of Map.groupBy(events, (event) => event.subject)) {
      if (agent === '') continue
      if (own.some(({ type }) => FOLDER_EVENTS.includes(type))) this.#ofAgents.delete(agent)
      await this.#ofAgent(agent).add(own)
      if (own.at(-1)?.type === 'agent.deleted') this.#ofAgents.delete(agent)
    }
  }

  #ofAgent(agent: string): MirrorFile {
    const { agentFile, problem } = this.#options
    const file =
      this.#ofAgents.get(agent) ??
      new MirrorFile(
        agentFile(agent),
        (seq, limit) => this.#read.ofSubject(agent, seq, limit),
        problem,
      )
    this.#ofAgents.set(agent, file)
    return file
  }
}
