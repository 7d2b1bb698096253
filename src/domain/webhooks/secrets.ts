import { randomBytes } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { createAtomic, makePrivateFolder, readBounded } from '../../config/files.ts'

/** What nobody but the deck knows of a webhook. */
export interface WebhookSecret {
  url: string
  secret: string
}

export interface WebhookSecrets {
  /** Resolves once it is on disk. */
  make(ref: string, url: string, secret?: string): Promise<WebhookSecret>
  /** Fault `not.found`. */
  read(ref: string): Promise<WebhookSecret>
  remove(ref: string): Promise<void>
  /** Removes all others: a crash may leave one whose webhook was never written down. */
  keepOnly(refs: ReadonlySet<string>): Promise<void>
}

const MAX_BYTES = 16_384

/** Keeps each in a file of its own (0600) in a folder of the deck's secrets. */
export function webhookSecrets(folder: string): WebhookSecrets {
  const path = (ref: string) => join(folder, `${ref}.json`)
  return {
    async make(ref, url, secret = `whsec_${randomBytes(32).toString('base64url')}`) {
      const made = { url, secret }
      await makePrivateFolder(folder)
      await createAtomic(path(ref), `${JSON.stringify(made)}\n`)
      return made
    },
    async read(ref) {
      try {
        return JSON.parse(await readBounded(path(ref), MAX_BYTES)) as WebhookSecret
      } catch (cause) {
        throw new Fault('not.found', 'its address and its secret are missing in the secrets', {
          cause,
          hint: 'Remove the webhook, and add it again.',
        })
      }
    },
    remove: (ref) => rm(path(ref), { force: true }),
    async keepOnly(refs) {
      const names = await readdir(folder).catch(() => [])
      const others = names.filter((name) => !refs.has(name.replace(/\.json$/, '')))
      await Promise.all(others.map((name) => rm(join(folder, name), { force: true })))
    },
  }
}
