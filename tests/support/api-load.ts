import { setTimeout as pause } from 'node:timers/promises'
import { Fault } from '../../src/base/fault.ts'
import type { Approval } from '../../src/domain/approvals/types.ts'
import type { Link } from '../../src/doors/operator/link.ts'
import { yesTo } from './confirmed.ts'

/** An answer of the governance API. */
interface Answer {
  status: number
  body: Record<string, unknown>
}

interface LoadOptions {
  url: string
  key: string
  link: Link
  random: () => number
}

/** What was told of a call that was done. */
export interface DoneAction {
  status: string
  /** The summary of its outcome; null before one was reported. */
  summary: string | null
}

/**
 * Programs that call the governance API, and an operator who decides, never giving up while the
 * supervisor is away. They remember what they were told is done.
 */
export class ApiLoad {
  /** By id: what was acknowledged last. */
  readonly actions = new Map<string, DoneAction>()
  /** Ids of the guard's answers. */
  readonly guards: string[] = []
  /** Titles of goals and subjects of messages, by their list. */
  readonly records = { goals: [] as string[], messages: [] as string[] }
  /** Approvals that an operator was told are allowed. */
  readonly allowed: string[] = []
  /** What should not have been said. */
  readonly wrong: string[] = []
  readonly #options: LoadOptions
  readonly #ended = new AbortController()
  #heard = Promise.withResolvers<void>()
  #count = 0

  constructor(options: LoadOptions) {
    this.#options = options
  }

  /** Runs until `end`. */
  async run(programs: number): Promise<void> {
    await Promise.all([
      ...Array.from({ length: programs }, () => this.#program()),
      this.#operator(),
    ])
  }

  end(): void {
    this.#ended.abort()
  }

  /** Resolves the moment that somebody hears that something is done. */
  nextAcknowledged(): Promise<void> {
    return this.#heard.promise
  }

  /** Calls the API once: `call('GET /actions')`. Undefined if nobody is there. */
  async call(call: string, body?: object): Promise<Answer | undefined> {
    const [method = '', path = ''] = call.split(' ')
    const { url, key } = this.#options
    try {
      const response = await fetch(`${url}/api${path}`, {
        method,
        headers: { 'x-api-key': key, 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
      })
      return { status: response.status, body: (await response.json()) as Answer['body'] }
    } catch (thrown) {
      // What fetch throws is a type error, or that of a body that ended early.
      if (thrown instanceof TypeError || thrown instanceof SyntaxError) return undefined
      throw thrown
    }
  }

  async #program(): Promise<void> {
    const deeds = [
      () => this.#act(),
      () => this.#act(),
      () => this.#act(),
      () => this.#ask(),
      () => this.#hold(),
      () => this.#tell('goals', 'title'),
      () => this.#tell('messages', 'subject'),
    ]
    while (!this.#ended.signal.aborted) {
      const deed = deeds[Math.floor(this.#options.random() * deeds.length)]
      await deed?.()
      await pause(this.#options.random() * 10)
    }
  }

  /** Records an action and reports its outcome, each again until there is an answer. */
  async #act(): Promise<void> {
    const id = this.#name('act')
    const action = { action_id: id, agent_id: 'scout', action_type: 'research' }
    const made = await this.#insist('POST /actions', { ...action, declared_goal: `look at ${id}` })
    // Whoever asks again may hear that the first attempt was written down.
    if (!this.#isExpected(made, [201, 409])) return
    this.#acknowledge(() => this.actions.set(id, { status: 'running', summary: null }))
    if (this.#options.random() < 0.3) return
    const outcome = { status: 'completed', output_summary: `found ${id}` }
    const done = await this.#insist(`PATCH /actions/${id}`, outcome)
    if (!this.#isExpected(done, [200])) return
    this.#acknowledge(() => this.actions.set(id, { status: 'completed', summary: `found ${id}` }))
  }

  /** Records an action that an operator is asked about. */
  async #hold(): Promise<void> {
    const id = this.#name('held')
    const action = { action_id: id, agent_id: 'scout', action_type: 'deploy' }
    const word = this.#options.random() < 0.5 ? 'yes' : 'later'
    const held = await this.#insist('POST /actions', { ...action, declared_goal: `${word} ${id}` })
    if (!this.#isExpected(held, [202, 409])) return
    this.#acknowledge(() => this.actions.set(id, { status: 'pending_approval', summary: null }))
  }

  async #ask(): Promise<void> {
    const asked = { agent_id: 'scout', action_type: 'research', declared_goal: this.#name('ask') }
    const answer = await this.call('POST /guard', asked)
    if (answer === undefined || !this.#isExpected(answer, [200])) return
    this.#acknowledge(() => this.guards.push(String(answer.body['action_id'])))
  }

  /** Tells a record, once: whoever hears nothing does not know whether it is there. */
  async #tell(list: 'goals' | 'messages', field: string): Promise<void> {
    const name = this.#name(list)
    const told = { from_agent_id: 'scout', to_agent_id: 'ada', body: 'read this' }
    const answer = await this.call(`POST /${list}`, { ...told, agent_id: 'scout', [field]: name })
    if (answer === undefined || !this.#isExpected(answer, [201])) return
    this.#acknowledge(() => this.records[list].push(name))
  }

  /** Allows what says so. */
  async #operator(): Promise<void> {
    const { link, random } = this.#options
    while (!this.#ended.signal.aborted) {
      try {
        const found = await link.do('approval.list', { state: 'pending', limit: 200 })
        const wanted = (found as Approval[]).filter(({ action }) => action.target.includes('yes'))
        for (const approval of wanted) {
          await link.do('approval.allow', yesTo(approval))
          this.#acknowledge(() => this.allowed.push(approval.id))
        }
      } catch (thrown) {
        const isAway = thrown instanceof Fault && thrown.code === 'supervisor.unavailable'
        const isDecided = thrown instanceof Fault && thrown.code === 'approval.decided'
        if (!isAway && !isDecided) this.wrong.push(`an operator was told: ${String(thrown)}`)
      }
      await pause(10 + random() * 20)
    }
  }

  async #insist(call: string, body: object): Promise<Answer> {
    for (;;) {
      const answer = await this.call(call, body)
      if (answer !== undefined) return answer
      await pause(3 + this.#options.random() * 10)
    }
  }

  #isExpected({ status, body }: Answer, statuses: readonly number[]): boolean {
    if (statuses.includes(status)) return true
    this.wrong.push(`${status} ${JSON.stringify(body)} instead of ${statuses.join(' or ')}`)
    return false
  }

  #acknowledge(note: () => unknown): void {
    note()
    const heard = this.#heard
    this.#heard = Promise.withResolvers<void>()
    heard.resolve()
  }

  #name(kind: string): string {
    return `${kind}_${++this.#count}`
  }
}
