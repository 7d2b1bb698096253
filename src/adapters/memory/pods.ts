import { systemClock, type Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { newId } from '../../base/ids.ts'
import { plain } from '../../base/text.ts'
import type { PodFacts, PodLogLine, PodSpec, PodUsage } from '../../ports/pods.ts'
import { MAX_LINE_CHARS } from '../line-splitter.ts'
import { isPodName, requirePodName } from '../pod-name.ts'

const MAX_LINES = 2000
const IDLE: PodUsage = { cpuPercent: 0.3, memoryBytes: 24 * 1024 * 1024, pids: 1 }

/** A simulated pod. What runs in it is simulated, and ends when `life` is aborted. */
export interface MemoryPod {
  id: string
  spec: PodSpec
  state: PodFacts['state']
  startedAt: number | undefined
  exitCode: number | undefined
  lines: PodLogLine[]
  /** Lines written so far, including those that were dropped. */
  written: number
  usage: PodUsage
  life: AbortController
  /** Resolves when it is resumed; undefined while it is not paused. */
  held: PromiseWithResolvers<void> | undefined
  /** Socket of the guard door while it is open. */
  door: string | undefined
}

/** The pods of the memory backend, with controls for demos and tests. */
export class MemoryPods {
  readonly clock: Clock
  readonly #pods = new Map<string, MemoryPod>()
  readonly #changed = new Set<(agent: string) => void>()
  readonly #wrote = new Set<(agent: string) => void>()

  constructor(clock: Clock = systemClock) {
    this.clock = clock
  }

  /** The pod ends as if it was killed from outside. Ignored if it is not running. */
  crash(agent: string, exitCode = 137): void {
    this.end(agent, exitCode)
  }

  /** Adds a line to the agent's log. Ignored for unknown agents. */
  log(agent: string, text: string, stream: PodLogLine['stream'] = 'stdout'): void {
    const pod = this.#pods.get(agent)
    if (!pod) return
    pod.lines.push({ at: this.clock.now(), stream, text: plain(text, MAX_LINE_CHARS) })
    pod.written++
    if (pod.lines.length > MAX_LINES) pod.lines.splice(0, pod.lines.length - MAX_LINES)
    for (const listener of this.#wrote) listener(agent)
  }

  /** Sets the usage that `stats` reports for a pod. */
  usage(agent: string, usage: PodUsage): void {
    const pod = this.#pods.get(agent)
    if (pod) pod.usage = usage
  }

  create(spec: PodSpec): PodFacts {
    if (this.#pods.has(requirePodName(spec.agent)))
      throw new Fault('name.taken', `${spec.agent} has a pod already`, {
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
      usage: IDLE,
      life: new AbortController(),
      held: undefined,
      door: undefined,
    })
    this.#notify(spec.agent)
    return this.factsOf(spec.agent)
  }

  /** Starts a pod. Returns false if it was running already. */
  begin(agent: string): boolean {
    const pod = this.get(agent)
    if (pod.state === 'running') return false
    Object.assign(pod, {
      state: 'running',
      startedAt: this.clock.now(),
      exitCode: undefined,
      life: new AbortController(),
    })
    this.#notify(agent)
    return true
  }

  end(agent: string, exitCode: number): void {
    const pod = this.#pods.get(agent)
    if (pod?.state !== 'running') return
    Object.assign(pod, { state: 'exited', exitCode })
    pod.life.abort()
    this.resume(agent)
    this.#notify(agent)
  }

  /** Nothing that runs in the pod goes on until it is resumed. */
  pause(agent: string): void {
    const pod = this.running(agent)
    if (pod.held !== undefined) return
    pod.held = Promise.withResolvers()
    this.#notify(agent)
  }

  /** While a pod is paused, resolves when it is resumed. */
  whileHeld(agent: string): Promise<void> | undefined {
    return this.#pods.get(agent)?.held?.promise
  }

  /** Ignored for a pod that is not paused. */
  resume(agent: string): void {
    const pod = this.#pods.get(agent)
    if (pod?.held === undefined) return
    pod.held.resolve()
    pod.held = undefined
    this.#notify(agent)
  }

  remove(agent: string): void {
    this.end(agent, 137)
    if (!this.#pods.delete(agent)) return
    this.#notify(agent)
    // Ends the followers of its log.
    for (const listener of this.#wrote) listener(agent)
  }

  find(agent: string): MemoryPod | undefined {
    return this.#pods.get(agent)
  }

  get(agent: string): MemoryPod {
    const pod = this.#pods.get(agent)
    if (!pod)
      throw new Fault('not.found', `${isPodName(agent) ? agent : 'This agent'} has no pod`, {
        hint: 'Start the agent first.',
      })
    return pod
  }

  running(agent: string): MemoryPod {
    const pod = this.get(agent)
    if (pod.state !== 'running')
      throw new Fault('not.possible', `The pod of ${agent} is not running`, {
        hint: `Run \`clawdeck start ${agent}\`.`,
      })
    return pod
  }

  /** A running pod that something can run in. Fault `not.possible` while it is paused. */
  entered(agent: string): MemoryPod {
    const pod = this.running(agent)
    if (pod.held === undefined) return pod
    throw new Fault('not.possible', `The pod of ${agent} is paused`, {
      hint: `Run \`clawdeck thaw ${agent}\`.`,
    })
  }

  names(): string[] {
    return [...this.#pods.keys()]
  }

  factsOf(agent: string): PodFacts {
    const { id, spec, state, startedAt, exitCode, held } = this.get(agent)
    return {
      agent,
      id,
      state,
      paused: held !== undefined,
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

  #notify(agent: string): void {
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
