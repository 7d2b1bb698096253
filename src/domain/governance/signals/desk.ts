import { apiAgentName } from '../agents/rules.ts'
import type { LedgerReader } from '../ledger/read.ts'
import type { Org, OrgService } from '../orgs/types.ts'
import type { SignalBoard } from './board.ts'
import type { SignalReader } from './reader.ts'
import { signalFingerprint } from './rules.ts'
import type { DeskSignal, GovernanceSignal } from './types.ts'

interface DeskParts {
  signals: SignalReader
  actions: Pick<LedgerReader, 'entry'>
  orgs: Pick<OrgService, 'list'>
  board: SignalBoard
}

/** Signals for the people of the deck, who see every organisation. */
export class SignalDesk {
  readonly #parts: DeskParts

  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  /** The signals of every organisation as they are now, red ones first. */
  list(): DeskSignal[] {
    const { orgs, signals } = this.#parts
    const all = orgs.list().flatMap((org) => this.show(org, signals.live(org.id)))
    return [...all.filter(isRed), ...all.filter((signal) => !isRed(signal))]
  }

  /** Shows consoles what was found for an organisation: of each condition of a subject, one. */
  show(org: Org, live: readonly GovernanceSignal[]): DeskSignal[] {
    const found = new Map<string, DeskSignal>()
    for (const signal of live) {
      const shown = this.#shown(org, signal)
      if (!found.has(shown.id)) found.set(shown.id, shown)
    }
    const all = [...found.values()]
    this.#parts.board.put(org.id, all)
    return all
  }

  #shown({ id: org, slug }: Org, signal: GovernanceSignal): DeskSignal {
    const { agent_id: agent, action_id: action } = signal
    const entry = action === undefined ? undefined : this.#parts.actions.entry(org, action)
    return {
      ...signal,
      id: `${org}/${signalFingerprint(signal).slice(0, 20)}`,
      org,
      agent: agent === null ? '' : apiAgentName(slug, agent),
      approval: entry?.status === 'pending_approval' ? entry.approval : '',
    }
  }
}

function isRed({ severity }: GovernanceSignal): boolean {
  return severity === 'red'
}
