import { existsSync, watch, type FSWatcher } from 'node:fs'
import { isAlive } from './identity.ts'
import type { LocalPods } from './pods.ts'

/** How often pods are checked for a killed monitor, which no event reports. */
const CHECK_MS = 500

/**
 * Reports which pods changed. The monitor of each pod writes the exit code into the pod's folder,
 * which is watched, so exits are noticed at once, also those of pods that an earlier supervisor
 * started. A killed monitor is noticed by polling.
 */
export class LocalWatch {
  readonly #pods: LocalPods
  readonly #listeners = new Set<(agent: string) => void>()
  readonly #followed = new Map<string, { folder: FSWatcher; pid: number; began: string }>()
  readonly #ended: (agent: string) => void
  #timer: NodeJS.Timeout | undefined

  /** `ended` is called for each pod that ended without being stopped. */
  constructor(pods: LocalPods, ended: (agent: string) => void) {
    this.#pods = pods
    this.#ended = ended
  }

  add(changed: (agent: string) => void, signal: AbortSignal): void {
    if (signal.aborted) return
    this.#listeners.add(changed)
    signal.addEventListener('abort', () => this.#listeners.delete(changed), { once: true })
    for (const agent of this.#pods.records.names())
      if (this.#pods.facts(agent)?.state === 'running') this.follow(agent)
  }

  changed(agent: string): void {
    for (const listener of this.#listeners) listener(agent)
  }

  /** Starts to watch a running pod, if it is not watched yet. */
  follow(agent: string): void {
    const monitor = this.#pods.records.read(agent)?.monitor
    const known = this.#followed.get(agent)
    if (!monitor || (known?.pid === monitor.pid && known.began === monitor.began)) return
    known?.folder.close()
    const path = this.#pods.records.folder(agent)
    if (!existsSync(path)) return
    const folder = watch(path, { persistent: false }, (_kind, name) => {
      if (name === 'exit') this.#check(agent)
    })
    folder.on('error', () => this.#check(agent))
    this.#followed.set(agent, { folder, ...monitor })
    this.#timer ??= setInterval(() => this.#checkAll(), CHECK_MS).unref()
    this.#check(agent)
  }

  forget(agent: string): void {
    this.#unfollow(agent)
    this.changed(agent)
  }

  close(): void {
    for (const agent of this.#followed.keys()) this.#unfollow(agent)
    this.#listeners.clear()
  }

  #check(agent: string): void {
    const known = this.#followed.get(agent)
    if (!known || this.#pods.facts(agent)?.state === 'running') return
    this.#unfollow(agent)
    this.changed(agent)
    this.#ended(agent)
  }

  #checkAll(): void {
    for (const [agent, monitor] of this.#followed) if (!isAlive(monitor)) this.#check(agent)
  }

  #unfollow(agent: string): void {
    this.#followed.get(agent)?.folder.close()
    this.#followed.delete(agent)
    if (this.#followed.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
