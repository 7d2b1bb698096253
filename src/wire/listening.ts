import { connect } from 'node:net'
import { errno, Fault } from '../base/fault.ts'

/** Whether a process listens on a socket. Fault `supervisor.unavailable` without permission. */
export function isListening(socketPath: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath)
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', (error) => {
      if (errno(error) === 'EACCES')
        reject(
          new Fault('supervisor.unavailable', "you may not use the supervisor's socket", {
            cause: error,
            hint: 'Run as the owner of the deck home, or set CLAWDECK_HOME.',
          }),
        )
      else resolve(false)
    })
  })
}
