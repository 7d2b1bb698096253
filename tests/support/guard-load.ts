import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { errno, Fault } from '../../src/base/fault.ts'
import type { Approval } from '../../src/domain/approvals/types.ts'
import type { Link } from '../../src/doors/operator/link.ts'
import { yesTo } from './confirmed.ts'
import type { Heard } from './deck.ts'

/** What was heard at a guard door. */
export interface Told {
  id: string
  target: string
  decision: string
  pending: boolean
  layer: string
}
/** What an operator was told is done. */
export interface Acknowledged {
  id: string
  state: 'allowed' | 'denied'
}

const AWAY = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
])

/**
 * Agents that ask and operators that decide, each over its own door, never giving up while the supervisor is away.
 * A command's second word says what operators do with it: `deploy yes 7` is allowed by each who sees it, `deploy never 8` by nobody.
 */
export class GuardLoad {
  /** Every answer that an agent got, pending ones too. */
  readonly told: Told[] = []
  /** What an agent was told is written down of its outcome. */
  readonly reported: string[] = []
  readonly acknowledged: Acknowledged[] = []
  /** What operators tried, whether or not they heard that it was done. */
  readonly tried = new Map<string, Set<'allowed' | 'denied'>>()
  /** Commands that operators tried to allow: whoever asked again because no answer came may hear of a rule that was learned from that. */
  readonly wanted = new Set<string>()
  /** What should not have been said. */
  readonly wrong: string[] = []
  /** Milliseconds from knowing that a person is awaited to knowing the answer. */
  longestWait = 0
  readonly #door: string
  readonly #link: Link
  readonly #random: () => number
  readonly #ended = new AbortController()
  #heard = Promise.withResolvers<void>()
  #count = 0

  constructor(options: { door: string; link: Link; random: () => number }) {
    this.#door = options.door
    this.#link = options.link
    this.#random = options.random
  }

  /** Runs until `end`; agents then still wait for what they asked. */
  async run(agents: number, operators: number): Promise<void> {
    const asking = Promise.all(Array.from({ length: agents }, () => this.#asker()))
    const deciding = Promise.all(
      Array.from({ length: operators }, (_, i) => this.#operator(i, asking)),
    )
    await Promise.all([asking, deciding])
  }

  end(): void {
    this.#ended.abort()
  }

  /** Resolves the moment that somebody hears that something is done. */
  nextAcknowledged(): Promise<void> {
    return this.#heard.promise
  }

  #acknowledge(): void {
    const heard = this.#heard
    this.#heard = Promise.withResolvers<void>()
    heard.resolve()
  }

  async #asker(): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (!this.#ended.signal.aborted) {
      const command = this.#command()
      let told = await this.#say(command, {
        agent,
        method: 'POST',
        path: `/v1/ask?wait=${this.#random() < 0.5 ? 0 : 1}`,
        body: { type: 'exec', target: command, argv: command.split(' ') },
      })
      const began = performance.now()
      while (told.pending)
        told = await this.#say(command, {
          agent,
          method: 'GET',
          path: `/v1/asks/${told.id}?wait=5`,
        })
      this.longestWait = Math.max(this.longestWait, performance.now() - began)
      if (told.decision === 'allow' && this.#random() < 0.5) {
        await this.#say(command, {
          agent,
          method: 'POST',
          path: `/v1/asks/${told.id}/outcome`,
          body: { result: 'success', exit_code: 0 },
        })
        this.reported.push(told.id)
      }
      await pause(this.#random() * 10)
    }
    agent.destroy()
  }

  #command(): string {
    const kinds = [
      'git status',
      'git status',
      'sudo reboot',
      'deploy yes',
      'deploy yes',
      'deploy no',
      'deploy race',
      'deploy lease',
      'deploy never',
    ]
    const kind = kinds[Math.floor(this.#random() * kinds.length)] as string
    return kind.startsWith('deploy') ? `${kind} ${++this.#count}` : kind
  }

  /** Asks again while nobody is there, as an agent would; whatever else goes wrong is remembered. */
  async #say(target: string, call: Call): Promise<Told> {
    for (;;) {
      try {
        const { status, json } = await exchange(this.#door, call)
        if (status === 200) return this.#hear(target, json)
        this.wrong.push(
          `${call.method} ${call.path} was answered ${status} ${JSON.stringify(json)}`,
        )
        return { id: '', target, decision: '', pending: false, layer: '' }
      } catch (thrown) {
        if (!AWAY.has(errno(thrown) ?? '')) throw thrown
        await pause(3 + this.#random() * 5)
      }
    }
  }

  #hear(target: string, { id, decision, pending, reasons }: Partial<Heard>): Told {
    const told = {
      id: id ?? '',
      target,
      decision: decision ?? '',
      pending: pending ?? false,
      layer: reasons?.[0]?.layer ?? '',
    }
    if (told.id !== '') this.told.push(told)
    this.#acknowledge()
    return told
  }

  async #operator(which: number, asking: Promise<unknown>): Promise<void> {
    let over = false
    void asking.then(() => {
      over = true
    })
    while (!over) {
      for (const approval of await this.#pending()) await this.#decide(which, approval)
      await pause(5 + this.#random() * 15)
    }
  }

  async #pending(): Promise<Approval[]> {
    try {
      return (await this.#link.do('approval.list', { state: 'pending', limit: 200 })) as Approval[]
    } catch (thrown) {
      this.#noteUnlessAway(thrown)
      return []
    }
  }

  async #decide(which: number, approval: Approval): Promise<void> {
    const { id, action } = approval
    const kind = action.target.split(' ')[1]
    if (kind === 'never') return
    const state = kind === 'no' || (kind === 'race' && which % 2 === 1) ? 'denied' : 'allowed'
    this.tried.set(id, (this.tried.get(id) ?? new Set()).add(state))
    if (state === 'allowed') this.wanted.add(action.target)
    try {
      const more = kind === 'lease' ? { uses: 3, minutes: 1, pattern: 'deploy lease *' } : {}
      if (state === 'denied') await this.#link.do('approval.deny', { ids: [id] })
      else {
        await this.#link.do('approval.allow', { ...yesTo(approval), ...more })
      }
      this.acknowledged.push({ id, state })
      this.#acknowledge()
    } catch (thrown) {
      if (!(thrown instanceof Fault && thrown.code === 'approval.decided'))
        this.#noteUnlessAway(thrown)
    }
  }

  #noteUnlessAway(thrown: unknown): void {
    if (!(thrown instanceof Fault && thrown.code === 'supervisor.unavailable'))
      this.wrong.push(`an operator was told: ${String(thrown)}`)
  }
}

interface Call {
  agent: Agent
  method: string
  path: string
  body?: unknown
}

function exchange(
  socketPath: string,
  { agent, method, path, body }: Call,
): Promise<{ status: number; json: Partial<Heard> }> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const headers =
      text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    const sent = request({ socketPath, agent, method, path, headers }, (response) => {
      let said = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        said += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, json: JSON.parse(said) as Partial<Heard> }),
      )
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(text)
  })
}
