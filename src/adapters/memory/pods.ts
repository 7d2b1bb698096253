import { systemClock, type Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { newId } from '../../base/ids.ts'
import { plain } from '../../base/text.ts'
import type { LogLine, PodFacts, PodSpec, PodUsage } from '../../ports/pods.ts'

const MOST_LINES = 2000
const NAME = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/
const QUIET: PodUsage = { cpuPercent: 0.3, memoryBytes: 24 * 1024 * 1024, pids: 1 }

/** A pod that is nothing but its facts. What runs in it is emulated, and ends when `life` is aborted. */
export interface MemoryPod {
  id: string
  spec: PodSpec
  state: PodFacts['state']
  startedAt: number | undefined
  exitCode: number | undefined
  lines: LogLine[]
  /** Lines written so far, those that were forgotten included. */
  written: number
  usage: PodUsage
  life: AbortController
  /** Socket of the guard door while it is open. */
  door: string | undefined
}

/** The pods of the memory backend, and the strings that a demo or test pulls: crash one, let it speak, give it work. */
export class MemoryPods {
  readonly clock: Clock
  readonly #pods = new Map<string, MemoryPod>()
  readonly #changed = new Set<(agent: string) => void>()
  readonly #wrote = new Set<(agent: string) => void>()

  constructor(clock: Clock = systemClock) {
    this.clock = clock
  }

  /** The pod dies as if killed by a stranger. Nothing happens to one that does not run. */
  crash(agent: string, exitCode = 137): void {
    this.end(agent, exitCode)
  }

  /** The agent says a line in its log. Unknown agents say nothing. */
  log(agent: string, text: string, stream: LogLine['stream'] = 'stdout'): void {
    const pod = this.#pods.get(agent)
    if (!pod) return
    pod.lines.push({ at: this.clock.now(), stream, text: plain(text) })
    pod.written++
    if (pod.lines.length > MOST_LINES) pod.lines.splice(0, pod.lines.length - MOST_LINES)
    for (const listener of this.#wrote) listener(agent)
  }

  /** What `stats` answers for a running pod from now on. */
  usage(agent: string, usage: PodUsage): void {
    const pod = this.#pods.get(agent)
    if (pod) pod.usage = usage
  }

  create(spec: PodSpec): PodFacts {
    if (!NAME.test(spec.agent))
      throw new Fault('input.invalid', 'This is not a name for a pod', {
        hint: '1 to 32 of a–z, 0–9 and -, beginning with a letter',
      })
    if (this.#pods.has(spec.agent))
      throw new Fault('name.taken', `There is a pod of ${spec.agent} already`, {
        hint: 'Remove it first.',
      })
    this.#pods.set(spec.agent, {
      id: newId('pod'),
      spec,
      state: 'created',
      startedAt: undefined,
      exitCode: undefined,
      lines: [],
      written: 0,
      usage: QUIET,
      life: new AbortController(),
      door: undefined,
    })
    this.#tell(spec.agent)
    return this.factsOf(spec.agent)
  }

  /** Brings a pod up; answers whether it was down. */
  begin(agent: string): boolean {
    const pod = this.get(agent)
    if (pod.state === 'running') return false
    Object.assign(pod, {
      state: 'running',
      startedAt: this.clock.now(),
      exitCode: undefined,
      life: new AbortController(),
    })
    this.#tell(agent)
    return true
  }

  end(agent: string, exitCode: number): void {
    const pod = this.#pods.get(agent)
    if (pod?.state !== 'running') return
    Object.assign(pod, { state: 'exited', exitCode })
    pod.life.abort()
    this.#tell(agent)
  }

  remove(agent: string): void {
    this.end(agent, 137)
    if (!this.#pods.delete(agent)) return
    this.#tell(agent)
    // Who follows its log has to hear that there will be no more of it.
    for (const listener of this.#wrote) listener(agent)
  }

  find(agent: string): MemoryPod | undefined {
    return this.#pods.get(agent)
  }

  get(agent: string): MemoryPod {
    const pod = this.#pods.get(agent)
    if (!pod)
      throw new Fault('not.found', `There is no pod of ${NAME.test(agent) ? agent : 'that name'}`, {
        hint: 'Start the agent first.',
      })
    return pod
  }

  running(agent: string): MemoryPod {
    const pod = this.get(agent)
    if (pod.state !== 'running')
      throw new Fault('not.possible', `The pod of ${agent} is not running`, {
        hint: `Start it: \`clawdeck start ${agent}\``,
      })
    return pod
  }

  names(): string[] {
    return [...this.#pods.keys()]
  }

  factsOf(agent: string): PodFacts {
    const { id, spec, state, startedAt, exitCode } = this.get(agent)
    return {
      agent,
      id,
      state,
      pid: undefined,
      startedAt,
      exitCode,
      imageDigest: spec.imageDigest,
      labels: spec.labels,
    }
  }

  onChange(listener: (agent: string) => void, signal: AbortSignal): void {
    listen(this.#changed, listener, signal)
  }

  onLine(listener: (agent: string) => void, signal: AbortSignal): void {
    listen(this.#wrote, listener, signal)
  }

  #tell(agent: string): void {
    for (const listener of this.#changed) listener(agent)
  }
}

function listen(
  to: Set<(agent: string) => void>,
  listener: (agent: string) => void,
  signal: AbortSignal,
): void {
  if (signal.aborted) return
  to.add(listener)
  signal.addEventListener('abort', () => to.delete(listener), { once: true })
}
