import { appendFileSync, cpSync, readdirSync, rmSync, type CopySyncOptions } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { systemClock, type MachineClock } from '../../src/base/clock.ts'
import { errno } from '../../src/base/fault.ts'
import { deckHome, type Home } from '../../src/config/home.ts'
import { memoryBackend } from '../../src/adapters/memory/backend.ts'
import { outsideBackend } from '../../src/adapters/outside/backend.ts'
import type { Backend } from '../../src/ports/pods.ts'
import { openBackends } from '../../src/supervisor/backends.ts'
import { startSupervisor, type RunningSupervisor } from '../../src/supervisor/start.ts'
import type { DeckEvent } from '../../src/journal/types.ts'
import { tempFolder } from './journal.ts'
import { until } from './until.ts'

const nothing = async () => {
  /* they go on */
}

export const OPERATOR = 'operator:cli'

/** A whole deck in this process: the real supervisor, journal and doors, with pods in memory. */
export class TestDeck {
  readonly home: Home
  readonly memory = memoryBackend({})
  readonly log: string[] = []
  /** Which boot of the machine its next start believes in. */
  boot = 'one'
  readonly #clock: MachineClock
  readonly #onEnd: (act: () => unknown) => void
  #supervisor: RunningSupervisor | undefined

  constructor(onEnd: (act: () => unknown) => void, clock: MachineClock = systemClock) {
    this.home = deckHome({ CLAWDECK_HOME: tempFolder(onEnd) })
    this.#clock = clock
    this.#onEnd = onEnd
    onEnd(() => this.stop())
  }

  /**
   * Ends it and leaves its files as they are on disk now, as a crash would. Pods outlive that.
   * `damage` may change the files before it is started again.
   */
  async crash(damage: () => void = () => undefined): Promise<void> {
    const image = tempFolder(this.#onEnd)
    const options = {
      recursive: true,
      filter: (path: string) => !/\.sock$|supervisor\.lock/.test(path),
    }
    copyWhole(this.home.root, image, options)
    await this.stop()
    for (const name of readdirSync(this.home.root))
      if (options.filter(name)) rmSync(join(this.home.root, name), { recursive: true })
    cpSync(image, this.home.root, options)
    damage()
  }

  /** Where paired consoles are served after `withAccess`. */
  get accessSocket(): string {
    return join(this.home.root, 'access.sock')
  }

  /** Before the start: lets other consoles be paired. */
  withAccess(): this {
    return this.withSettings(`access: { socket: ${this.accessSocket} }`)
  }

  /** Before the start: these lines in `config.yaml`. */
  withSettings(lines: string): this {
    appendFileSync(this.home.config, `${lines}\n`)
    return this
  }

  async start(): Promise<this> {
    // These pods are in this process, but like real ones they outlive the supervisor.
    const backends = {
      ...(await openBackends([this.memory.backend, this.#outside()], 'memory')),
      [Symbol.asyncDispose]: nothing,
    }
    this.#supervisor = await startSupervisor({
      home: this.home,
      env: { USER: 'maya' },
      version: 'test',
      demo: false,
      clock: this.#clock,
      boot: this.boot,
      log: (what) => this.log.push(what),
      platform: { backends },
    })
    // A start waits for its agents' doors, but only for a while.
    const { doors } = this.#supervisor.composed
    await until('every agent that is up has its door', async () =>
      (await this.deck.agents.list()).every(
        ({ name, phase }) => phase !== 'up' || doors.isOpen(name),
      ),
    )
    return this
  }

  /** Agents that ask at the access socket. */
  #outside(): Backend {
    return outsideBackend({ root: this.home.root, door: this.accessSocket })
  }

  async stop(): Promise<void> {
    await this.#supervisor?.stop('the test ended')
    this.#supervisor = undefined
  }

  get running(): RunningSupervisor {
    if (this.#supervisor === undefined) throw new Error('the deck is not started')
    return this.#supervisor
  }
  get deck() {
    return this.running.deck
  }

  /** A running agent. */
  async agent(name: string, template = 'coder'): Promise<TestAgent> {
    await this.deck.agents.create({ template, agent: name, backend: 'memory' }, OPERATOR)
    await this.deck.agents.start(name, false, OPERATOR)
    return new TestAgent(name, this.home.agent(name).door)
  }

  events(): DeckEvent[] {
    return this.running.composed.record.read
      .since(0, 100_000)
      .map((e) => ({ ...e, body: JSON.parse(e.body) }) as DeckEvent)
  }

  /** Resolves with the first event, committed or to come, that fits. */
  async event(fits: (event: DeckEvent) => boolean): Promise<DeckEvent> {
    const stop = new AbortController()
    for await (const event of this.deck.audit.tail({
      limit: 10_000,
      follow: true,
      signal: stop.signal,
    })) {
      if (!fits(event)) continue
      stop.abort()
      return event
    }
    throw new Error('the journal ended before the event came')
  }
}

/** Copies a folder in which files come and go meanwhile: then it is copied again. */
function copyWhole(from: string, to: string, options: CopySyncOptions): void {
  for (let tries = 1; ; tries++)
    try {
      return cpSync(from, to, options)
    } catch (thrown) {
      if (errno(thrown) !== 'ENOENT' || tries > 100) throw thrown
      for (const name of readdirSync(to)) rmSync(join(to, name), { recursive: true })
    }
}

export interface Heard {
  id: string
  decision: string
  pending: boolean
  reasons: { layer: string; id?: string; text: string }[]
  edited: { target: string; argv: string[] } | null
}

/** Speaks at an agent's guard door as the agent would. */
export class TestAgent {
  readonly name: string
  readonly #door: string

  constructor(name: string, door: string) {
    this.name = name
    this.#door = door
  }

  ask(question: Record<string, unknown>, wait = 0): Promise<Heard> {
    return this.say('POST', `/v1/ask?wait=${wait}`, question) as Promise<Heard>
  }
  exec(command: string, wait = 0): Promise<Heard> {
    return this.ask({ type: 'exec', target: command, argv: command.split(' ') }, wait)
  }
  wait(id: string, seconds = 20): Promise<Heard> {
    return this.say('GET', `/v1/asks/${id}?wait=${seconds}`) as Promise<Heard>
  }

  say(method: string, path: string, body?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const sent = request(
        { socketPath: this.#door, method, path, headers: { 'content-type': 'application/json' } },
        (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => {
            text += chunk
          })
          response.on('end', () => resolve(JSON.parse(text)))
        },
      )
      sent.on('error', reject)
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }
}
