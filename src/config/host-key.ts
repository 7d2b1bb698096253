import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errno, Fault } from '../base/fault.ts'
import { createWhole, privateFolder, readBounded, writeWhole } from './files.ts'

/** Checks what a host key signed. */
export interface HostSeal {
  /** `ed25519:` and the first 16 hex digits of the SHA-256 of the raw public key. */
  readonly keyId: string
  /** SPKI PEM, to be handed out. */
  readonly publicKey: string
  /** Whether `signature` (base64) is this key's over the UTF-8 of `text`. Garbage is simply false. */
  verify(text: string, signature: string): boolean
}

/** The key that this deck signs locks and journal checkpoints with. The secret half never leaves this object. */
export interface HostKey extends HostSeal {
  /** Base64 Ed25519 signature over the UTF-8 of `text`. */
  sign(text: string): string
}

const LARGEST_KEY = 16 * 1024

/**
 * Loads `<secrets>/host.key` (PKCS8 PEM, 0600), or makes it at the first use; `host.pub` beside it holds the public half.
 * Fault `config.invalid` when the key is no Ed25519 key, cannot be read, or can be read by others.
 */
export async function openHostKey(secrets: string): Promise<HostKey> {
  const path = join(secrets, 'host.key')
  await privateFolder(secrets)
  const key = hostKey(parseSecret(path, await loadOrCreate(path)))
  await publish(join(secrets, 'host.pub'), key.publicKey)
  return key
}

/** A fresh key that lies nowhere: for tests and the demo. */
export function ephemeralHostKey(): HostKey {
  return hostKey(generateKeyPairSync('ed25519').privateKey)
}

/** The public half alone, from PEM text. Fault `config.invalid` when it is no Ed25519 public key. */
export function hostSeal(pem: string): HostSeal {
  try {
    return sealOf(createPublicKey(pem))
  } catch (cause) {
    throw new Fault('config.invalid', 'This is no Ed25519 public key in PEM form.', {
      hint: 'Give the text of a host.pub file.',
      cause,
    })
  }
}

async function loadOrCreate(path: string): Promise<string> {
  const found = await load(path)
  if (found !== undefined) return found
  const { privateKey } = generateKeyPairSync('ed25519')
  await createWhole(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  const made = await load(path)
  if (made === undefined)
    throw new Fault('config.invalid', `The host key ${path} vanished while it was made.`, {
      hint: 'Try again; if it happens twice, look at who else writes there.',
    })
  return made
}

async function load(path: string): Promise<string | undefined> {
  try {
    await refuseOpenToOthers(dirname(path), 0o022, 'chmod 700')
    await refuseOpenToOthers(path, 0o077, 'chmod 600')
    return await readBounded(path, LARGEST_KEY)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    if (errno(cause) === 'ENOENT') return undefined
    throw new Fault(
      'config.invalid',
      `The host key ${path} cannot be read (${errno(cause) ?? 'unknown reason'}).`,
      {
        hint: `Make it a regular file that you own: ls -l ${path}`,
        cause,
      },
    )
  }
}

async function refuseOpenToOthers(path: string, bits: number, fix: string): Promise<void> {
  const { mode } = await stat(path)
  if ((mode & bits) === 0) return
  throw new Fault(
    'config.invalid',
    `${path} is open to others (mode ${(mode & 0o777).toString(8)}): whoever gets at the host key can sign locks in your name.`,
    {
      hint: `Run: ${fix} ${path} – and if others use this machine, move the key away and re-lock your agents with a new one.`,
    },
  )
}

function parseSecret(path: string, pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
    throw new TypeError(`the key is of type ${key.asymmetricKeyType ?? 'unknown'}`)
  } catch (cause) {
    throw new Fault(
      'config.invalid',
      `The host key ${path} is no Ed25519 private key in PEM form.`,
      {
        hint: 'Restore it from a backup, or move it away: a new one is made, and each agent then has to be started once with --force.',
        cause,
      },
    )
  }
}

/** `host.pub` follows from the key, so what lies there is only ever replaced by the truth. */
async function publish(path: string, pem: string): Promise<void> {
  const there = await readBounded(path, LARGEST_KEY).catch(() => '')
  if (there !== pem) await writeWhole(path, pem, 0o644)
}

function hostKey(secret: KeyObject): HostKey {
  return {
    ...sealOf(createPublicKey(secret)),
    sign: (text) => sign(null, Buffer.from(text), secret).toString('base64'),
  }
}

function sealOf(key: KeyObject): HostSeal {
  const { crv, x } = key.export({ format: 'jwk' })
  if (crv !== 'Ed25519' || x === undefined) throw new TypeError('no Ed25519 key')
  return {
    keyId: `ed25519:${createHash('sha256').update(Buffer.from(x, 'base64url')).digest('hex').slice(0, 16)}`,
    publicKey: key.export({ type: 'spki', format: 'pem' }).toString(),
    verify: (text, signature) =>
      isSignature(signature) &&
      verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64')),
  }
}

/** Exactly one spelling of a signature counts, so that a lock cannot change and still verify. */
function isSignature(text: string): boolean {
  return text.length === 88 && Buffer.from(text, 'base64').toString('base64') === text
}
