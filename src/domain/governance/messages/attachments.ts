import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sha256 } from '../../../base/canonical.ts'
import { errno, Fault } from '../../../base/fault.ts'
import { createAtomic } from '../../../config/files.ts'

/**
 * The bytes of attachments, each in a file named by its SHA-256. The journal has only that hash: it
 * stays small, and still proves what was attached.
 */
export class AttachmentFiles {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  /** Keeps bytes, on disk when this resolves. Answers their hash. */
  async keep(bytes: Uint8Array): Promise<string> {
    const hash = sha256(bytes)
    const path = this.#path(hash)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await createAtomic(path, bytes)
    return hash
  }

  /** The bytes with this hash. Faults: `not.found`; `not.possible` if they were changed. */
  async read(hash: string): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await readFile(this.#path(hash)).catch((cause: unknown) => {
      if (errno(cause) !== 'ENOENT') throw cause
      throw new Fault('not.found', 'the file of this attachment is gone', { cause })
    })
    if (sha256(bytes) !== hash)
      throw new Fault('not.possible', 'the file of this attachment was changed on the disk')
    return new Uint8Array(bytes)
  }

  #path(hash: string): string {
    return join(this.#root, hash.slice(0, 2), hash)
  }
}
