import { join } from 'node:path'
import { asFault } from '../../base/fault.ts'
import { shipped } from '../../config/data.ts'
import { packService } from '../../domain/policy/packs/service.ts'
import { packStore } from '../../domain/policy/packs/store.ts'
import { LivePolicyFile } from '../../domain/policy/file/policies-file.ts'
import { PACKS_FOLDER } from '../../domain/policy/file/watch.ts'
import type { DeckContext } from './context.ts'
import type { DeckRecord } from './record.ts'

/** The operator's policies and packs. `onChange` adds a listener for every change of policies. */
export async function composePolicies(
  { home, log, clock, parts }: DeckContext,
  { journal }: DeckRecord,
) {
  const listeners: (() => void)[] = []
  const store = packStore([
    { origin: 'built-in', path: shipped('templates', 'policies') },
    { origin: 'yours', path: join(home.root, PACKS_FOLDER) },
  ])
  const file = await LivePolicyFile.open({
    path: home.policies,
    clock,
    packs: store,
    changed(body, actor) {
      journal
        .append(() => [{ type: 'policies.changed', actor, subject: '', body: { ...body } }])
        .catch((thrown: unknown) => log(asFault(thrown).message))
      for (const listener of listeners) listener()
    },
  })
  parts.use(file)
  return {
    file,
    packs: packService({ store, file }),
    onChange(listener: () => void) {
      listeners.push(listener)
    },
  }
}
