import type { Clock } from '../../../base/clock.ts'
import { Gathered } from '../../../base/gathered.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Draft } from '../../../journal/types.ts'
import { MOST_BAD_TRIES } from './rules.ts'
import type { DeviceIdentity } from './types.ts'

/** Wrong tokens while nothing is open are told together for so long. */
const GATHER_MS = 60_000

interface WrongTokenParts {
  journal: Journal
  clock: Clock
  problem: (what: string) => void
}

/** What wrong tokens leave. Anybody may show any number of them. */
export class WrongTokens {
  /** By the type of identity that showed them: strangers of one door end no offers of another. */
  readonly #tries = new Map<DeviceIdentity['type'], number>()
  readonly #idle: Gathered

  constructor({ journal, clock, problem }: WrongTokenParts) {
    this.#idle = new Gathered(clock, GATHER_MS, async (actor, tries) => {
      try {
        await journal.append(() => [guessed(actor, tries)])
      } catch (thrown) {
        problem(`a wrong token was not written down: ${String(thrown)}`)
      }
    })
  }

  /** The right token was shown. */
  forget(type: DeviceIdentity['type']): void {
    this.#tries.delete(type)
  }

  /** One while an offer is open, and whether it was the last that is borne. */
  whileOpen(type: DeviceIdentity['type'], actor: string): { draft: Draft; tooMany: boolean } {
    const tries = (this.#tries.get(type) ?? 0) + 1
    const tooMany = tries >= MOST_BAD_TRIES
    this.#tries.set(type, tooMany ? 0 : tries)
    return { draft: guessed(actor, tries), tooMany }
  }

  /** One while nothing is open, so that nothing can be guessed. */
  whileIdle(actor: string): Promise<void> {
    return this.#idle.note(actor)
  }
}

function guessed(actor: string, tries: number): Draft {
  return { type: 'pairing.guessed', actor, subject: '', body: { tries } }
}
