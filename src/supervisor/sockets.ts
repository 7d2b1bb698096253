import { chmodSync, lstatSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { Fault } from '../base/fault.ts'

/**
 * Listens at a path, by default for the owner alone. A socket that is there already is replaced:
 * the caller knows that nobody listens on it. Fault `not.possible` for anything else there.
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
