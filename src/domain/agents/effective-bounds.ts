import type { Home } from '../../config/home.ts'
import type { HostVerifier } from '../../base/signing.ts'
import { readTemplate, type TemplateFolder } from '../templates/catalog.ts'
import { boundsOfTemplate, readLock } from '../templates/lock.ts'
import type { DeckEvent } from '../../journal/types.ts'
import { asEvent } from '../../journal/read.ts'
import type { StoredEvent } from '../../journal/chain.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Store } from '../../store/open.ts'
import type { AgentBounds, EffectiveBounds } from './types.ts'

export interface EffectiveBoundsParts {
  home: Home
  key: HostVerifier
  journal: Journal
  store: Store
  folders: readonly TemplateFolder[]
  /** The bounds of a running agent, or why it has none now. */
  guarded: (agent: string) => AgentBounds | { refusal: string }
}

/**
 * Reads the bounds of any agent: from its signed lock, whether or not it runs, or for a deleted one
 * from its template. Undefined where that cannot be read: then no answer can be predicted.
 */
export function effectiveBoundsReader({
  home,
  key,
  journal,
  store,
  folders,
  guarded,
}: EffectiveBoundsParts): (agent: string) => Promise<EffectiveBounds | undefined> {
  const latestCreation = store.prepare<[string], StoredEvent>(
    "SELECT * FROM event WHERE subject = ? AND type = 'agent.created' ORDER BY seq DESC LIMIT 1",
  )

  async function fromLock(agent: string): Promise<EffectiveBounds> {
    const now = guarded(agent)
    if ('bounds' in now) return { ...now, gone: false }
    const { template, guard } = await readLock(home.agent(agent).lock, agent, key)
    return { template, bounds: guard, gone: false }
  }

  async function fromTemplate(agent: string): Promise<EffectiveBounds | undefined> {
    const created = latestCreation.get(agent)
    if (created === undefined) return undefined
    const { body } = asEvent(created) as DeckEvent<'agent.created'>
    const { template } = await readTemplate(folders, body.template)
    return { template: template.name, bounds: boundsOfTemplate(template), gone: true }
  }

  return (agent) => {
    const isDeleted = journal.rows.get('agent', agent) === undefined
    return (isDeleted ? fromTemplate(agent) : fromLock(agent)).catch(() => undefined)
  }
}
