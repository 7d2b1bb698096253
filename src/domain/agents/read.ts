import { Fault } from '../../base/fault.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Store } from '../../store/open.ts'
import type { Agent } from './types.ts'

/** Reads the agents of the deck. */
export interface AgentReader {
  list(): Agent[]
  /** Fault `agent.unknown`. */
  get(name: string): Agent
}

export function agentReader({ journal, store }: { journal: Journal; store: Store }): AgentReader {
  const all = store.prepare<[], string>('SELECT row FROM agent ORDER BY id').pluck()
  return {
    list: () => all.all().map((row) => JSON.parse(row) as Agent),
    get(name) {
      const agent = journal.rows.get<Agent>('agent', name)
      if (agent === undefined)
        throw new Fault('agent.unknown', `there is no agent ${name}`, {
          hint: '`clawdeck list` shows the fleet; `clawdeck trash` what can be restored.',
        })
      return agent
    },
  }
}
