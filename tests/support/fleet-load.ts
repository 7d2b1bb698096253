import { setTimeout as pause } from 'node:timers/promises'
import { Fault, type FaultCode } from '../../src/base/fault.ts'
import type { Link } from '../../src/doors/link.ts'

const LIFE = [['agent.create', { template: 'reviewer' }], ['agent.start', {}], ['agent.restart', {}], ['agent.stop', {}], ['agent.delete', {}]] as const
/** What a repeated wish meets when the first one was done and its answer lost, or is still under way. */
const REPEATED: readonly FaultCode[] = ['name.taken', 'not.possible', 'agent.unknown', 'supervisor.unavailable']

/** An operator who makes, starts, restarts, stops and deletes one agent, over and over, whatever is away meanwhile. */
export class FleetLoad {
  /** How often each act was said to be done. */
  readonly done = new Map<string, number>()
  /** Answers that no repetition explains. */
  readonly wrong: string[] = []
  readonly #link: Link
  readonly #agent: string
  #over = false

  constructor(link: Link, agent: string) { this.#link = link; this.#agent = agent }

  end(): void { this.#over = true }

  async run(): Promise<void> {
    while (!this.#over) for (const [act, input] of LIFE) if (!this.#over) await this.#act(act, input)
  }

  async #act(act: string, input: object): Promise<void> {
    try {
      await this.#link.do(act, { ...input, agent: this.#agent })
      this.done.set(act, (this.done.get(act) ?? 0) + 1)
    } catch (thrown) {
      if (!(thrown instanceof Fault && REPEATED.includes(thrown.code))) this.wrong.push(`${act}: ${String(thrown)}`)
      await pause(5)
    }
  }
}
