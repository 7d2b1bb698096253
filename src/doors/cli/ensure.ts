import { connect } from 'node:net'
import { errno, Fault } from '../../base/fault.ts'
import type { Home } from '../../config/home.ts'
import type { Launch } from './launch.ts'

/**
 * Starts this deck's supervisor when none answers, and comes back when one does. Of several who try at once one
 * supervisor remains, and all use it. Fault `supervisor.unavailable` carries the end of its log.
 */
export async function ensureSupervisor(
  home: Home,
  env: NodeJS.ProcessEnv,
  launch: Launch,
  timeoutMs?: number,
): Promise<'there' | 'started'> {
  if (await answers(home.socket)) return 'there'
  await (await import('./launch.ts')).launchSupervisor(home, env, launch, timeoutMs)
  return 'started'
}

/** Whether someone listens on the socket. */
export function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath)
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', (error) => {
      if (errno(error) === 'EACCES')
        reject(
          new Fault('supervisor.unavailable', "the supervisor's socket is not yours to use", {
            cause: error,
            hint: 'Run as the user who owns the deck home, or set CLAWDECK_HOME.',
          }),
        )
      else resolve(false)
    })
  })
}
