import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errno, Fault } from '../base/fault.ts'
import { hostKeyOf, type HostKey } from '../base/signing.ts'
import { createAtomic, makePrivateFolder, readBounded, writeAtomic } from './files.ts'

const MAX_KEY_BYTES = 16 * 1024

/**
 * Loads `<secrets>/host.key` (PKCS8 PEM, 0600), or creates it on first use. `host.pub` beside it
 * holds the public key. Fault `config.invalid` when the key is not an Ed25519 key, cannot be read,
 * or can be read by others.
 */
export async function openHostKey(secrets: string): Promise<HostKey> {
  const path = join(secrets, 'host.key')
  await makePrivateFolder(secrets)
  const key = hostKeyOf(parsePrivateKey(path, await loadOrCreate(path)))
  await writePublicKey(join(secrets, 'host.pub'), key.publicKey)
  return key
}

async function loadOrCreate(path: string): Promise<string> {
  const existing = await load(path)
  if (existing !== undefined) return existing
  const { privateKey } = generateKeyPairSync('ed25519')
  await createAtomic(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  // Of two processes that create it at the same time, both use the key that was there first.
  const created = await load(path)
  if (created === undefined)
    throw new Fault('config.invalid', `The host key ${path} disappeared while it was created.`, {
      hint: 'Try again. If it happens twice, find out what else writes there.',
    })
  return created
}

async function load(path: string): Promise<string | undefined> {
  try {
    await refuseModeBits(dirname(path), 0o022, 'chmod 700')
    await refuseModeBits(path, 0o077, 'chmod 600')
    return await readBounded(path, MAX_KEY_BYTES)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    if (errno(cause) === 'ENOENT') return undefined
    throw new Fault(
      'config.invalid',
      `The host key ${path} cannot be read (${errno(cause) ?? 'unknown reason'}).`,
      { hint: `Make it a regular file that you own: ls -l ${path}`, cause },
    )
  }
}

async function refuseModeBits(path: string, forbidden: number, fix: string): Promise<void> {
  const { mode } = await stat(path)
  if ((mode & forbidden) === 0) return
  throw new Fault(
    'config.invalid',
    `${path} is accessible to others (mode ${(mode & 0o777).toString(8)}): anyone who reads the host key can sign locks in your name.`,
    {
      hint: `Run: ${fix} ${path}. If others use this machine, move the key away and lock your agents again with a new one.`,
    },
  )
}

function parsePrivateKey(path: string, pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
    throw new TypeError(`the key type is ${key.asymmetricKeyType ?? 'unknown'}`)
  } catch (cause) {
    throw new Fault(
      'config.invalid',
      `The host key ${path} is not an Ed25519 private key in PEM.`,
      {
        hint: 'Restore it from a backup, or move it away: a new key is then created, and each agent must be started once with --force.',
        cause,
      },
    )
  }
}

/** `host.pub` is derived from the private key, so any other content is replaced. */
async function writePublicKey(path: string, pem: string): Promise<void> {
  const existing = await readBounded(path, MAX_KEY_BYTES).catch(() => '')
  if (existing !== pem) await writeAtomic(path, pem, 0o644)
}
