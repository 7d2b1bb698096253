import type { Home } from '../../config/home.ts'
import type { HostKey } from '../../base/signing.ts'
import type { Backend, BackendKind } from '../../ports/pods.ts'
import { verifyFolder } from '../templates/verify-folder.ts'
import { hashOf } from '../templates/lock.ts'
import type { Compiled, Drift } from '../templates/types.ts'
import type { Agent } from './types.ts'

/** How an agent's folder differs from its lock. `compiled` is missing if it cannot be read. */
export interface LockCheck {
  drift: Drift[]
  compiled?: Compiled
}

export interface LockCheckParts {
  home: Home
  key: HostKey
  backend: (kind: BackendKind) => Backend
}

/** Compares an agent's folder with its lock, and the lock with the journal. */
export async function checkLock(
  { home, key, backend }: LockCheckParts,
  agent: Agent,
): Promise<LockCheck> {
  const { images } = backend(agent.backend)
  const digestOf = async (image: string) => (images === undefined ? '' : images.digest(image))
  const found = await verifyFolder(home.agent(agent.name), agent.name, digestOf, key)
  if (found.compiled === undefined) return found
  const hash = hashOf(found.compiled.lock)
  const isUnsigned = found.drift.some(({ what }) => what === 'signature' || what === 'key')
  if (hash === agent.lock || isUnsigned) return found
  return { ...found, drift: [...found.drift, unknownLock(agent, hash)] }
}

/** An older lock has a good signature too: only the lock that the journal names counts. */
function unknownLock({ lock }: Agent, hash: string): Drift {
  const to = `${hash.slice(0, 16)}, which is not in the journal`
  return { what: 'lock', from: lock.slice(0, 16), to }
}
