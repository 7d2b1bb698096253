import type { HostVerifier } from '../../base/signing.ts'
import type { Home } from '../../config/home.ts'
import { Fault } from '../../base/fault.ts'
import { hashOf, readLock } from '../templates/lock.ts'
import type { Agent, AgentBounds } from './types.ts'

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

  /**
   * From now on the guard answers this agent. Fault `lock.invalid`, also for an older lock: only
   * the one that the journal names counts.
   */
  async add({ name, lock: hash }: Pick<Agent, 'name' | 'lock'>): Promise<void> {
    const lock = await readLock(this.#home.agent(name).lock, name, this.#key)
    if (hashOf(lock) !== hash)
      throw new Fault('lock.invalid', `The lock of ${name} is not the one in the journal.`, {
        hint: 'See what changed with `clawdeck policy validate`.',
      })
    this.#bounds.set(name, { template: lock.template, bounds: lock.guard })
  }

  remove(agent: string): void {
    this.#bounds.delete(agent)
  }
}
