import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { Fault } from '../base/fault.ts'
import type { Home } from '../config/home.ts'

/** Creates the deck's folders, each for its owner alone. Fault `supervisor.unavailable`. */
export function makeFolders(home: Home): void {
  for (const folder of [
    home.root,
    home.run,
    join(home.run, 'doors'),
    home.agents,
    home.templates,
    home.secrets,
    home.trash,
    join(home.root, 'logs'),
  ]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      chmodSync(folder, 0o700)
    } catch (cause) {
      throw new Fault('supervisor.unavailable', `the folder ${folder} cannot be created`, {
        cause,
        hint: 'Check who owns the deck home: `clawdeck doctor`.',
      })
    }
  }
}

/**
 * Listens for the owner alone: the folder has mode 0700, the socket 0600. The lock is held, so a
 * socket that exists already is stale. Fault `not.possible` for anything else at that path.
 */
export async function listen(server: Server, path: string, mode = 0o600): Promise<void> {
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there !== undefined && !there.isSocket())
    throw new Fault('not.possible', `${path} is there already, and is no socket`)
  if (there !== undefined) rmSync(path)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, mode)
}

export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
