import type { Server, Socket } from 'node:net'

/**
 * Lets each address hold so many connections of a server and no more, so that nobody takes those of
 * others. One that is too many is closed unread, and `refused` is called.
 */
export function limitByAddress(server: Server, most: number, refused: () => void): void {
  const open = new Map<string, number>()
  const accept = server.listeners('connection') as ((this: Server, socket: Socket) => void)[]
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const before = open.get(address) ?? 0
    if (before >= most) {
      socket.on('error', () => undefined).destroy()
      refused()
      return
    }
    open.set(address, before + 1)
    socket.once('close', () => {
      const others = (open.get(address) ?? 1) - 1
      if (others === 0) open.delete(address)
      else open.set(address, others)
    })
    for (const listener of accept) listener.call(server, socket)
  })
}
