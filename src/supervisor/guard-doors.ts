import type { Server } from 'node:http'
import type { Guard } from '../domain/approvals/guard.ts'
import { guardDoor } from '../doors/guard/guard-door.ts'
import type { Backend, PodDoor } from '../ports/pods.ts'

/** The guard doors of running agents. Identity is which door: each knows its agent by itself. */
export interface GuardDoors {
  /** Opens the door of a running pod; answers its address as seen from inside. */
  open(agent: string, backend: Backend, socketPath: string): Promise<string>
  close(agent: string): Promise<void>
  isOpen(agent: string): boolean
  closeAll(): Promise<void>
}

export function guardDoors(guard: Guard): GuardDoors {
  const doors = new Map<string, { pod: PodDoor; http: Server }>()

  async function close(agent: string): Promise<void> {
    const door = doors.get(agent)
    doors.delete(agent)
    if (door === undefined) return
    door.http.closeAllConnections()
    await door.pod.close()
  }

  return {
    async open(agent, backend, socketPath) {
      await close(agent)
      const http = guardDoor(guard, agent)
      const pod = await backend.doors.open(agent, socketPath, (socket) => {
        socket.setNoDelay(true)
        http.emit('connection', socket)
      })
      doors.set(agent, { pod, http })
      return pod.address
    },
    close,
    isOpen: (agent) => doors.has(agent),
    async closeAll() {
      await Promise.all([...doors.keys()].map(close))
    },
  }
}
