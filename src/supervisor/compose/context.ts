import type { MonotonicClock } from '../../base/clock.ts'
import { shipped } from '../../config/data.ts'
import type { Home } from '../../config/home.ts'
import type { HostKey } from '../../base/signing.ts'
import type { Settings } from '../../config/settings.ts'
import type { TemplateFolder } from '../../domain/templates/catalog.ts'
import type { Backends } from '../../ports/backends.ts'
import type { Turns } from '../turns/turns.ts'

/** What every part of the deck may use. */
export interface DeckContext {
  home: Home
  env: NodeJS.ProcessEnv
  settings: Settings
  key: HostKey
  backends: Backends
  log: (what: string) => void
  /** Which boot of the machine this is; '' where boots cannot be told apart. */
  boot: string
  /** Every end of anything is compared with it, so that a clock set back revives nothing. */
  clock: MonotonicClock
  /** How agents share the supervisor. */
  turns: Turns
  /** Parts that hold something. They are disposed of in reverse order. */
  parts: AsyncDisposableStack
}

/** The folders of templates: the built-in ones, then the operator's own. */
export function templateFolders(home: Home): TemplateFolder[] {
  return [
    { origin: 'built-in', path: shipped('templates') },
    { origin: 'yours', path: home.templates },
  ]
}
