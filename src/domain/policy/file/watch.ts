import { watch, type FSWatcher } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '../../../base/clock.ts'

/** The folder of the operator's own packs, next to `policies.yaml`. */
export const PACKS_FOLDER = 'policies'
/** Editors write in several steps. */
const SETTLE_MS = 40

/** Watches `policies.yaml`, and the operator's packs, whose folder may come and go. */
export class PolicyWatcher implements AsyncDisposable {
  readonly #clock: Clock
  readonly #packFolder: string
  readonly #changed: () => void
  readonly #own: FSWatcher
  #packs: FSWatcher | undefined
  #cancel: (() => void) | undefined

  constructor(path: string, clock: Clock, changed: () => void) {
    this.#clock = clock
    this.#changed = changed
    this.#packFolder = join(dirname(path), PACKS_FOLDER)
    const file = basename(path)
    this.#own = listen(dirname(path), (name) => {
      if (name === null || name === PACKS_FOLDER) this.#watchPacks()
      if (name === null || name === file || name === PACKS_FOLDER) this.#soon()
    })
    this.#watchPacks()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancel?.()
    this.#own.close()
    this.#packs?.close()
  }

  #watchPacks(): void {
    this.#packs?.close()
    try {
      this.#packs = listen(this.#packFolder, () => this.#soon())
    } catch {
      // There is no such folder now.
      this.#packs = undefined
    }
  }

  #soon(): void {
    this.#cancel?.()
    this.#cancel = this.#clock.after(SETTLE_MS, this.#changed)
  }
}

function listen(folder: string, changed: (name: string | null) => void): FSWatcher {
  const watcher = watch(folder, { persistent: false }, (_, name) => changed(name))
  watcher.on('error', () => watcher.close())
  return watcher
}
