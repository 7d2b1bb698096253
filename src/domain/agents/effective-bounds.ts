import type { Home } from '../../config/home.ts'
import type { HostVerifier } from '../../base/signing.ts'
import { readTemplate, type TemplateFolder } from '../templates/catalog.ts'
import { readLock } from '../templates/lock.ts'
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
  governed: (agent: string) => AgentBounds | { refusal: string }
}

/** What binds an agent's answers: its signed lock, whether or not it runs; for one that is gone, the template it was made from, if that is still there. */
export function effectiveBoundsReader({
  home,
  key,
  journal,
  store,
  folders,
  governed,
}: EffectiveBoundsParts): (agent: string) => Promise<EffectiveBounds | undefined> {
  const made = store.prepare<[string], StoredEvent>(
    "SELECT * FROM event WHERE subject = ? AND type = 'agent.created' ORDER BY seq DESC LIMIT 1",
  )

  async function ofLock(agent: string): Promise<EffectiveBounds> {
    const now = governed(agent)
    if ('bounds' in now) return { ...now, gone: false }
    const { template, guard } = await readLock(home.agent(agent).lock, agent, key)
    return { template, bounds: guard, gone: false }
  }

  async function ofTemplate(agent: string): Promise<EffectiveBounds | undefined> {
    const created = made.get(agent)
    if (created === undefined) return undefined
    const { body } = asEvent(created) as DeckEvent<'agent.created'>
    const { template } = await readTemplate(folders, body.template)
    return { template: template.name, bounds: template.guard, gone: true }
  }

  // A lock or a template that cannot be read binds nothing: nobody knows what would be answered.
  return (agent) =>
    (journal.rows.get('agent', agent) === undefined ? ofTemplate(agent) : ofLock(agent)).catch(
      () => undefined,
    )
}
