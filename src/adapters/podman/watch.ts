import { existsSync, readFileSync, watch, type FSWatcher } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { EventLine } from './answers.ts'
import { AGENT_LABEL, HOME_LABEL } from './names.ts'
import { listedFacts, type Pods } from './pods.ts'

const RECONNECT_DELAY_MS = 500
const RELEVANT_ACTIONS = new Set([
  'create',
  'start',
  'died',
  'remove',
  'pause',
  'unpause',
  'restart',
  'stop',
  'kill',
  'init',
])

/**
 * Reports which pods changed: exits by the engine's exits folder if that is on this machine (within
 * milliseconds), everything else by the engine's events (a quarter of a second), and after a lost
 * connection by comparing lists.
 */
export function watchPods(
  pods: Pods,
  changed: (agent: string) => void,
  signal: AbortSignal,
  log: (text: string) => void,
): void {
  const watcher = new PodWatcher(pods, changed, signal)
  watcher
    .run()
    .catch((thrown: unknown) =>
      log(`watching pods failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`),
    )
}

class PodWatcher {
  readonly #pods: Pods
  readonly #changed: (agent: string) => void
  readonly #signal: AbortSignal
  readonly #agents = new Map<string, string>()
  #since = Date.now()
  #seen: Map<string, string> | undefined
  #exits: FSWatcher | undefined

  constructor(pods: Pods, changed: (agent: string) => void, signal: AbortSignal) {
    this.#pods = pods
    this.#changed = changed
    this.#signal = signal
    signal.addEventListener('abort', () => this.#exits?.close(), { once: true })
  }

  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      await this.#follow().catch(() => undefined)
      if (!this.#signal.aborted)
        await pause(RECONNECT_DELAY_MS, undefined, { signal: this.#signal, ref: false }).catch(
          () => undefined,
        )
    }
  }

  async #follow(): Promise<void> {
    const client = await this.#pods.engine.client()
    const since = Math.floor(this.#since / 1000)
    const filters = encodeURIComponent(
      JSON.stringify({ type: ['container'], label: [`${HOME_LABEL}=${this.#pods.names.home}`] }),
    )
    const events = client.lines(
      'GET',
      `/libpod/events?stream=true&since=${since}&filters=${filters}`,
      { signal: this.#signal },
    )
    // The stream repeats the last events rather than missing any; comparing finds what is not in
    // it.
    const compared = this.#compare()
    for await (const line of events) {
      const event = EventLine.safeParse(line).data
      this.#since = Date.now()
      if (!event || event.Type !== 'container' || !RELEVANT_ACTIONS.has(event.Action)) continue
      const agent = event.Actor.Attributes?.[AGENT_LABEL] ?? this.#agents.get(event.Actor.ID)
      if (agent === undefined) continue
      if (event.Action === 'remove') this.#agents.delete(event.Actor.ID)
      else this.#agents.set(event.Actor.ID, agent)
      if (event.Action === 'start' && !this.#exits) await this.#watchExits()
      this.#changed(agent)
    }
    await compared
  }

  async #compare(): Promise<void> {
    const now = new Map<string, string>()
    for (const facts of (await this.#pods.list()).map(listedFacts)) {
      this.#agents.set(facts.id, facts.agent)
      now.set(facts.agent, `${facts.id} ${facts.state} ${facts.startedAt ?? 0}`)
    }
    const before = this.#seen
    this.#seen = now
    if (before)
      for (const agent of new Set([...before.keys(), ...now.keys()]))
        if (before.get(agent) !== now.get(agent)) this.#changed(agent)
    await this.#watchExits()
  }

  /**
   * The engine's API does not name the exits folder, but the command line of a pod's monitor does.
   */
  async #watchExits(): Promise<void> {
    if (this.#exits || this.#signal.aborted || !(await this.#pods.engine.facts()).local) return
    const running = (await this.#pods.list()).find((found) => found.Pid > 0)
    const agent = running?.Labels[AGENT_LABEL]
    if (agent === undefined) return
    const folder = exitsFolder((await this.#pods.find(agent))?.State.ConmonPid ?? 0)
    if (folder === undefined || this.#exits || this.#signal.aborted) return
    this.#exits = watch(folder, (_event, name) => {
      const ended = name === null ? undefined : this.#agents.get(name)
      if (ended !== undefined && existsSync(`${folder}/${name}`)) this.#changed(ended)
    })
    this.#exits.on('error', () => {
      this.#exits = undefined
    })
  }
}

function exitsFolder(monitor: number): string | undefined {
  try {
    const words = readFileSync(`/proc/${monitor}/cmdline`, 'utf8').split('\0')
    const folder = words[words.indexOf('--exit-dir') + 1]
    return words.includes('--exit-dir') && folder && existsSync(folder) ? folder : undefined
  } catch {
    return undefined
  }
}
