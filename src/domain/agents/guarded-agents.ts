import type { HostVerifier } from '../../base/signing.ts'
import type { Home } from '../../config/home.ts'
import { readLock } from '../templates/lock.ts'
import type { AgentBounds } from './types.ts'

/** The agents that the guard answers, each within its signed bounds. All others are refused. */
export class GuardedAgents {
  readonly #home: Home
  readonly #key: HostVerifier
  readonly #bounds = new Map<string, AgentBounds>()

  constructor(home: Home, key: HostVerifier) {
    this.#home = home
    this.#key = key
  }

  boundsOf(agent: string): AgentBounds | { refusal: string } {
    return (
      this.#bounds.get(agent) ?? {
        refusal: `${agent} is not guarded now: its lock is not verified`,
      }
    )
  }

  /** From now on the guard answers this agent. Fault `lock.invalid`. */
  async add(agent: string): Promise<void> {
    const lock = await readLock(this.#home.agent(agent).lock, agent, this.#key)
    this.#bounds.set(agent, { template: lock.template, bounds: lock.guard })
  }

  remove(agent: string): void {
    this.#bounds.delete(agent)
  }
}
