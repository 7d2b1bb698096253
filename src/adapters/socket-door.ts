import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { Fault } from '../base/fault.ts'
import type { PodDoor } from '../ports/pods.ts'
import { doorOf } from './netns-door.ts'

/** A door at a private Unix socket. A stale socket is replaced. */
export function openSocketDoor(path: string, accept: (socket: Socket) => void): Promise<PodDoor> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  rmSync(path, { force: true })
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new Fault('backend.failed', `The door cannot be opened at ${path}: ${cause.message}`, {
          cause,
        }),
      ),
    )
    server.listen(path, () => {
      chmodSync(path, 0o600)
      resolve(doorOf(server, `unix:${path}`, accept))
    })
  })
}
