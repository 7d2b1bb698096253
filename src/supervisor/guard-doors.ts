import type { Server } from 'node:http'
import type { Caller } from '../commands/act.ts'
import type { Guard } from '../domain/approvals/guard.ts'
import type { Answer } from '../domain/approvals/types.ts'
import { guardDoor } from '../doors/guard/guard-door.ts'
import type { Backend, PodDoor } from '../ports/pods.ts'
import type { Execute } from './execute.ts'

/** The guard doors of running agents. Identity is which door: each knows its agent by itself. */
export interface GuardDoors {
  /** Opens the door of a running pod; answers its address as seen from inside. */
  open(agent: string, backend: Backend, socketPath: string): Promise<string>
  close(agent: string): Promise<void>
  isOpen(agent: string): boolean
  closeAll(): Promise<void>
}

export function guardDoors(execute: Execute): GuardDoors {
  const guard = guardBy(execute)
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

/** The guard as its doors speak to it: each sentence is an act of the agent whose door it is. */
function guardBy(execute: Execute): Guard {
  const forever = new AbortController().signal
  const caller = (agent: string, signal = forever): Caller => ({
    actor: `agent:${agent}`,
    door: 'guard',
    role: 'agent',
    agent,
    signal,
  })
  return {
    ask: async (agent, question) => (await execute('guard.ask', question, caller(agent))) as Answer,
    wait: async (agent, id, waitMs, signal) =>
      (await execute('guard.wait', { id, waitMs }, caller(agent, signal))) as Answer,
    report: async (agent, id, outcome) => {
      await execute('guard.report', { id, outcome }, caller(agent))
    },
    refused(agent, reason, what) {
      execute('guard.refused', { reason, what }, caller(agent))
    },
    whoami: (agent) => execute('guard.whoami', {}, caller(agent)) as ReturnType<Guard['whoami']>,
  }
}
