import { join } from 'node:path'
import { asFault } from '../../base/fault.ts'
import { shipped } from '../../config/data.ts'
import { packService } from '../../domain/policy/packs/service.ts'
import { packStore } from '../../domain/policy/packs/store.ts'
import { PACKS_FOLDER, policyFile } from '../../domain/policy/policies-file.ts'
import type { DeckContext } from './context.ts'
import type { DeckRecord } from './record.ts'

/** The operator's policies and packs; `onChange` hears whenever they are other than before. */
export async function composePolicies(
  { home, log, clock, parts }: DeckContext,
  { journal }: DeckRecord,
) {
  const listeners: (() => void)[] = []
  const shelf = packStore([
    { origin: 'built-in', path: shipped('templates', 'policies') },
    { origin: 'yours', path: join(home.root, PACKS_FOLDER) },
  ])
  const file = await policyFile({
    path: home.policies,
    clock,
    shelf,
    changed(body, actor) {
      journal
        .append(() => [{ type: 'policies.changed', actor, subject: '', body: { ...body } }])
        .catch((thrown: unknown) => log(asFault(thrown).message))
      for (const listener of listeners) listener()
    },
  })
  parts.defer(() => file.close())
  return {
    file,
    packs: packService({ shelf, file }),
    onChange(listener: () => void) {
      listeners.push(listener)
    },
  }
}
