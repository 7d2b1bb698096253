import { existsSync, watch, type FSWatcher } from 'node:fs'
import { lives } from './identity.ts'
import { boundLogs } from './logs.ts'
import type { LocalPods } from './pods.ts'

/** How often pods are looked at for what nobody tells: that their keeper was killed too, or that a log is too long. */
const LOOK_MS = 500

/**
 * Tells which pods changed. The keeper of each pod writes its exit code into the pod's folder, which is watched: this
 * is noticed at once whether the pod was started by this supervisor or an earlier one. A pod whose keeper was killed
 * is noticed by looking.
 */
export class LocalWatch {
  readonly #pods: LocalPods
  readonly #listeners = new Set<(agent: string) => void>()
  readonly #followed = new Map<string, { folder: FSWatcher; pid: number; began: string }>()
  readonly #ended: (agent: string) => void
  #timer: NodeJS.Timeout | undefined

  /** `ended` is told of each pod that ended by itself or by a stranger. */
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

  /** Begins to watch a running pod, once. */
  follow(agent: string): void {
    const keeper = this.#pods.records.read(agent)?.keeper
    const known = this.#followed.get(agent)
    if (!keeper || (known?.pid === keeper.pid && known.began === keeper.began)) return
    known?.folder.close()
    const path = this.#pods.records.folder(agent)
    if (!existsSync(path)) return
    const folder = watch(path, { persistent: false }, (_kind, name) => {
      if (name === 'exit') this.#look(agent)
    })
    folder.on('error', () => this.#look(agent))
    this.#followed.set(agent, { folder, ...keeper })
    this.#timer ??= setInterval(() => this.#round(), LOOK_MS).unref()
    this.#look(agent)
  }

  forget(agent: string): void {
    this.#unfollow(agent)
    this.changed(agent)
  }

  close(): void {
    for (const agent of this.#followed.keys()) this.#unfollow(agent)
    this.#listeners.clear()
  }

  #look(agent: string): void {
    const known = this.#followed.get(agent)
    if (!known || this.#pods.facts(agent)?.state === 'running') return
    this.#unfollow(agent)
    this.changed(agent)
    this.#ended(agent)
  }

  #round(): void {
    for (const [agent, keeper] of this.#followed) {
      if (lives(keeper)) boundLogs(this.#pods.records.folder(agent))
      else this.#look(agent)
    }
  }

  #unfollow(agent: string): void {
    this.#followed.get(agent)?.folder.close()
    this.#followed.delete(agent)
    if (this.#followed.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
