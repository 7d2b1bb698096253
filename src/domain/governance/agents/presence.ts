import { canonical } from '../../../base/canonical.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Draft } from '../../../journal/types.ts'
import type { Store } from '../../../store/open.ts'
import type { PresenceFact } from '../signals/types.ts'
import { MINUTE } from '../times.ts'
import { apiAgentName } from './rules.ts'
import type { ApiAgent, ApiPresence } from './types.ts'

/** A heartbeat that says nothing new is written down no more often than this. */
const WRITTEN_EVERY_MS = 5 * MINUTE

/** What an agent says of how it is. */
interface Heartbeat extends Omit<ApiPresence, 'at'> {
  /** As the agent names itself. */
  agentId: string
  label: string | null
}

interface Known extends Heartbeat {
  at: number
  writtenAt: number
}

interface PresenceParts {
  journal: Journal
  store: Store
  clock: Clock
}

/**
 * Who is there. The newest heartbeat of each agent is kept in memory; it is written down when it
 * says something new, and now and then.
 */
export class Presences {
  /** From when on heartbeats could be heard. */
  #since = Infinity
  readonly #parts: PresenceParts
  readonly #known = new Map<string, Map<string, Known>>()

  constructor(parts: PresenceParts) {
    this.#parts = parts
    const rows = parts.store
      .prepare<[], string>("SELECT row FROM api_agent WHERE row ->> 'presence' IS NOT NULL")
      .pluck()
    for (const row of rows.all()) this.#load(JSON.parse(row) as ApiAgent)
  }

  /** From now on heartbeats can be heard. */
  listen(): void {
    this.#since = this.#parts.clock.now()
  }

  /** Takes a heartbeat. Answers when it was heard. */
  async beat(
    { org, slug, actor }: { org: string; slug: string; actor: string },
    given: Heartbeat,
  ): Promise<number> {
    const at = this.#parts.clock.now()
    const before = this.#of(org).get(given.agentId)
    const beat = { ...given, label: given.label ?? before?.label ?? null }
    const isNews =
      before === undefined ||
      said(before) !== said(beat) ||
      at - before.writtenAt > WRITTEN_EVERY_MS
    if (isNews) await this.#write(apiAgentName(slug, given.agentId), { org, actor, beat })
    this.#of(org).set(given.agentId, { ...beat, at, writtenAt: isNews ? at : before.writtenAt })
    return at
  }

  /** Agents that were heard last before a time. Nobody is silent who could not be heard since. */
  silentSince(org: string, before: number): PresenceFact[] {
    if (this.#since >= before) return []
    return [...this.#of(org).values()]
      .filter(({ at }) => at < before)
      .map(({ agentId, status, task, at }) => ({
        agent_id: agentId,
        status,
        current_task_id: task,
        last_heartbeat_at: new Date(at).toISOString(),
      }))
  }

  #of(org: string): Map<string, Known> {
    const known = this.#known.get(org) ?? new Map<string, Known>()
    this.#known.set(org, known)
    return known
  }

  #load({ org, id, label, presence }: ApiAgent): void {
    if (presence === null) return
    const known = { ...presence, agentId: id, label, writtenAt: presence.at }
    this.#of(org).set(id, known)
  }

  async #write(
    name: string,
    { org, actor, beat }: { org: string; actor: string; beat: Heartbeat },
  ): Promise<void> {
    const { journal } = this.#parts
    await journal.append(() => {
      const { agentId: id, label, status, task, metadata } = beat
      const seen: Draft[] =
        journal.rows.get('api_agent', name) === undefined
          ? [{ type: 'api_agent.seen', actor, subject: name, body: { org, id, label } }]
          : []
      const body = { label, status, task, metadata }
      return [...seen, { type: 'api_agent.beat', actor, subject: name, body }]
    })
  }
}

function said({ label, status, task, metadata }: Heartbeat): string {
  return canonical({ label, status, task, metadata } as object)
}
