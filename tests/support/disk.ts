import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { errno } from '../../src/base/fault.ts'
import { tempFolder } from './journal.ts'

/** A file system of a few megabytes, which a test can fill to the last byte. */
export class SmallDisk {
  readonly path: string
  readonly #filler: string

  constructor(onEnd: (act: () => unknown) => void) {
    const folder = tempFolder(onEnd)
    this.path = join(folder, 'disk')
    this.#filler = join(this.path, 'filler')
    mkdirSync(this.path)
    if (!mount(this.path)) throw new Error(`no file system at ${this.path}`)
    onEnd(() => spawnSync('umount', ['-l', this.path]))
  }

  fill(): void {
    const file = openSync(this.#filler, 'w')
    for (const size of [65_536, 4096, 1]) {
      const bytes = Buffer.alloc(size)
      try {
        for (;;) writeSync(file, bytes)
      } catch (thrown) {
        if (errno(thrown) !== 'ENOSPC') throw thrown
      }
    }
    closeSync(file)
  }

  free(): void {
    rmSync(this.#filler)
  }
}

/** Why this account cannot have a small disk; undefined when it can. */
export function diskReason(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root, to mount a small file system'
  let reason: string | undefined
  const path = tempFolder((act) => {
    process.once('exit', act)
  })
  if (mount(path)) spawnSync('umount', [path])
  else reason = 'file systems cannot be mounted here'
  return reason
}

function mount(path: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=700', 'tmpfs', path]).status === 0
}
