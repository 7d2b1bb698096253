import { setTimeout as pause } from 'node:timers/promises'
import { Fault, type FaultCode } from '../../src/base/fault.ts'
import type { Link } from '../../src/doors/operator/link.ts'

const LIFE = [
  ['agent.create', { template: 'reviewer' }],
  ['agent.start', {}],
  ['agent.restart', {}],
  ['agent.stop', {}],
  ['agent.delete', {}],
] as const
/** What a repeated wish meets when the first one was done and its answer lost, or is still under way. */
const REPEATED: readonly FaultCode[] = ['name.taken', 'not.possible', 'agent.unknown']

/** An operator who makes, starts, restarts, stops and deletes one agent, over and over, whatever is away meanwhile. */
export class FleetLoad {
  /** Answers that no repetition explains. */
  readonly wrong: string[] = []
  readonly #link: Link
  readonly #agent: string
  #over = false

  constructor(link: Link, agent: string) {
    this.#link = link
    this.#agent = agent
  }

  end(): void {
    this.#over = true
  }

  async run(): Promise<void> {
    while (!this.#over) for (const [act, input] of LIFE) await this.#act(act, input)
  }

  /** Wishes until somebody answers. */
  async #act(act: string, input: object): Promise<void> {
    while (!this.#over) {
      try {
        await this.#link.do(act, { ...input, agent: this.#agent })
        return
      } catch (thrown) {
        if (thrown instanceof Fault && REPEATED.includes(thrown.code)) return
        if (!(thrown instanceof Fault && thrown.code === 'supervisor.unavailable')) {
          this.wrong.push(`${act}: ${String(thrown)}`)
          return
        }
        await pause(5)
      }
    }
  }
}
