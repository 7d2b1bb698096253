import type { RecordChanges } from '../records/service.ts'
import { redactDeep } from '../scanning/secrets.ts'

/** What somebody tells of the memory of agents. */
interface ToldMemory {
  org: string
  agent: string | null
  health?: unknown
  entities?: readonly unknown[] | undefined
  topics?: readonly unknown[] | undefined
}

/**
 * Writes the state of the memory down. Each list that is given replaces the organisation's before.
 */
export function writeMemory(changes: RecordChanges, { org, agent, ...told }: ToldMemory) {
  const { value } = redactDeep(told)
  const { health = {}, entities, topics } = value
  const snapshot = {
    id: changes.serial,
    org_id: org,
    agent_id: agent,
    health,
    entities_count: entities?.length ?? 0,
    topics_count: topics?.length ?? 0,
    created_at: changes.now,
  }
  changes.make('memory_snapshot', String(snapshot.id), snapshot)
  for (const [key, items] of Object.entries({ entities, topics }))
    if (items !== undefined) changes.make('memory_set', key, { items, updated_at: changes.now })
  return {
    snapshot,
    entities_count: snapshot.entities_count,
    topics_count: snapshot.topics_count,
  }
}
