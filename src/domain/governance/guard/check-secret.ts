import { createHmac, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createAtomic, makePrivateFolder, readBounded } from '../../../config/files.ts'

const NAME = 'webhook-checks.key'
const BYTES = 32
const MAX_FILE = 1024

/** The secret by which webhooks of an organisation's policies know that the deck asks. */
export type CheckSecret = (org: string) => Promise<string>

/**
 * Derives the secrets of all organisations from one file (0600) of the deck's secrets, which is
 * made when it is first needed.
 */
export function checkSecret(folder: string): CheckSecret {
  let known: Promise<string> | undefined
  const key = () => (known ??= keyIn(folder))
  return async (org) =>
    createHmac('sha256', await key())
      .update(org)
      .digest('hex')
}

async function keyIn(folder: string): Promise<string> {
  await makePrivateFolder(folder)
  const path = join(folder, NAME)
  await createAtomic(path, `${randomBytes(BYTES).toString('hex')}\n`)
  return (await readBounded(path, MAX_FILE)).trim()
}
