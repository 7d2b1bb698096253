import type { Clock } from '../../base/clock.ts'
import { shipped } from '../../config/data.ts'
import type { Home } from '../../config/home.ts'
import type { HostKey } from '../../base/signing.ts'
import type { Settings } from '../../config/settings.ts'
import type { TemplateFolder } from '../../domain/templates/catalog.ts'
import type { Backends } from '../../ports/backends.ts'

/** What every part of the deck may be made from. */
export interface DeckContext {
  home: Home
  settings: Settings
  key: HostKey
  backends: Backends
  log: (what: string) => void
  clock: Clock
  /** Ends, in reverse order, what was made and holds something. */
  parts: AsyncDisposableStack
}

/** Where templates come from: those that are shipped, then the operator's own. */
export function templateFolders(home: Home): TemplateFolder[] {
  return [
    { origin: 'built-in', path: shipped('templates') },
    { origin: 'yours', path: home.templates },
  ]
}
