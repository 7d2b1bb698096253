import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { errno, Fault } from '../../base/fault.ts'
import type { Home } from '../../config/home.ts'
import { openLink, openPairingDoor, type Credential } from '../operator/client.ts'
import type { Link } from '../operator/link.ts'

/** A deck of somebody else that this terminal is paired with. */
const Remote = z.strictObject({
  socket: z.string(),
  device: z.string(),
  /** PKCS #8 PEM of the key of this terminal. It never leaves this file. */
  key: z.string(),
})
export type Remote = z.output<typeof Remote>

/** A key of this terminal's own: the public half as base64 of its SPKI DER. */
export function newDeviceKey(): { spki: string; pem: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return {
    spki: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** Proves who this terminal is, once for each supervisor that it meets. Fault `refused`. */
export function sessionOf({ socket, device, key }: Remote): Credential {
  let session: Promise<string> | undefined
  const open = async (): Promise<string> => {
    const door = openPairingDoor(socket)
    const { nonce, text } = (await door.do('challenge', { device })) as {
      nonce: string
      text: string
    }
    const signature = sign(null, Buffer.from(text), createPrivateKey(key)).toString('base64')
    const opened = await door.do('session', { device, nonce, signature })
    return (opened as { session: string }).session
  }
  return () => (session ??= open())
}

/** A link to a deck that this terminal is paired with. Faults as of `readRemote`. */
export async function openRemote(home: Home, name: string, door: 'cli' | 'console'): Promise<Link> {
  const remote = await readRemote(home, name)
  return openLink(remote.socket, door, sessionOf(remote))
}

function remoteFile(home: Home, name: string): string {
  return join(home.root, 'remotes', `${name}.json`)
}

/** Stores a paired deck under a name, for its owner alone. */
export async function saveRemote(home: Home, name: string, remote: Remote): Promise<string> {
  const path = remoteFile(home, name)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(path, `${JSON.stringify(remote)}\n`, { mode: 0o600 })
  return path
}

/** Faults: `not.found`, `config.invalid`. */
export async function readRemote(home: Home, name: string): Promise<Remote> {
  const path = remoteFile(home, name)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if (errno(cause) !== 'ENOENT') throw cause
    throw new Fault('not.found', `this terminal is not paired with a deck called ${name}`, {
      cause,
      hint: 'Pair it: clawdeck join <link>',
    })
  }
  try {
    return Remote.parse(JSON.parse(text))
  } catch (cause) {
    throw new Fault('config.invalid', `${path} cannot be read`, {
      cause,
      hint: 'Remove it and pair again: clawdeck join <link>',
    })
  }
}
