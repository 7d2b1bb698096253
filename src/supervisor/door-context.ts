import type { Clock } from '../base/clock.ts'
import type { HostKey } from '../base/signing.ts'
import type { Home } from '../config/home.ts'
import type { ComposedDeck } from './compose/deck.ts'
import type { Execute } from './execute.ts'
import type { AnsweredAgents } from './outside.ts'

/** What the doors are opened with that others than the person at this machine come through. */
export interface DoorContext {
  home: Home
  composed: ComposedDeck
  key: HostKey
  clock: Clock
  log: (what: string) => void
  execute: Execute
  outside: () => Promise<AnsweredAgents>
}
