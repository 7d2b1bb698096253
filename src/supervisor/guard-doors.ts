import type { RequestListener } from 'node:http'
import type { Caller } from '../commands/act.ts'
import type { Guard } from '../domain/approvals/guard.ts'
import type { Answer } from '../domain/approvals/types.ts'
import { guardDoor, type AnswerAgent, type GuardDoor } from '../doors/guard/guard-door.ts'
import { GUARD_PORT, type Backend, type PodDoor } from '../ports/pods.ts'
import { Descriptors } from './descriptors.ts'
import type { Execute } from './execute.ts'
import type { Turns } from './turns/turns.ts'

/**
 * The guard doors of running agents, one each: the door that a request comes through names its
 * agent.
 */
export class GuardDoors implements AsyncDisposable {
  readonly #guard: Guard
  readonly #turns: Turns
  readonly #descriptors: Descriptors
  readonly #doors = new Map<string, GuardDoor & { pod: PodDoor }>()
  #beside: ((agent: string) => RequestListener) | undefined

  constructor(execute: Execute, turns: Turns, descriptors = new Descriptors()) {
    this.#guard = guardOverActs(execute)
    this.#turns = turns
    this.#descriptors = descriptors
  }

  /** What answers agents at `/api` of their doors; undefined while nothing does. */
  setBeside(beside: ((agent: string) => RequestListener) | undefined): void {
    this.#beside = beside
  }

  /** Opens the door of a running pod, and returns its address inside the pod. */
  async open(agent: string, backend: Backend, socketPath: string): Promise<string> {
    await this.close(agent)
    const door = guardDoor(this.#guard, agent, {
      inTurn: (work, bytes) => this.#turns.take(agent, work, bytes),
      mostConnections: (open) => this.#descriptors.forDoor(this.#doors.size, open),
      beside: () => this.#beside?.(agent),
    })
    const pod = await backend.doors.open(agent, { port: GUARD_PORT, socketPath }, (socket) => {
      socket.setNoDelay(true)
      door.server.emit('connection', socket)
      socket.once('close', this.#descriptors.opened())
    })
    this.#doors.set(agent, { ...door, pod })
    return pod.address
  }

  async close(agent: string): Promise<void> {
    const door = this.#doors.get(agent)
    this.#doors.delete(agent)
    if (door === undefined) return
    this.#turns.forget(agent)
    door.server.closeAllConnections()
    await door.pod.close()
  }

  isOpen(agent: string): boolean {
    return this.#doors.has(agent)
  }

  /** How a request is answered that another server has, and that this agent has proven. */
  answerOf(agent: string): AnswerAgent | undefined {
    return this.#doors.get(agent)?.answer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#doors.keys()].map((agent) => this.close(agent)))
  }
}

/** The guard as its doors use it: each request is an act of the door's agent. */
export function guardOverActs(execute: Execute, door: 'guard' | 'gate' = 'guard'): Guard {
  const never = new AbortController().signal
  const caller = (agent: string, signal = never): Caller => ({
    actor: `agent:${agent}`,
    door,
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
    foresee: (agent, question) =>
      execute('guard.foresee', question, caller(agent)) as ReturnType<Guard['foresee']>,
    whoami: (agent) => execute('guard.whoami', {}, caller(agent)) as ReturnType<Guard['whoami']>,
  }
}
