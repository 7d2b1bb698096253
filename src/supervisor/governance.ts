import type { Clock } from '../base/clock.ts'
import type { ApiServices } from '../commands/api/services.ts'
import type { Home } from '../config/home.ts'
import type { Settings } from '../config/settings.ts'
import type { ComposedDeck } from './compose/deck.ts'

interface GovernanceParts {
  composed: ComposedDeck
  clock: Clock
  home: Home
  settings: Settings
  log: (what: string) => void
}

/** The services of the governance API: their code is loaded when somebody first needs them. */
export class Governance implements AsyncDisposable {
  readonly #parts: GovernanceParts
  #composed: Promise<{ api: ApiServices; parts: AsyncDisposableStack }> | undefined

  constructor(parts: GovernanceParts) {
    this.#parts = parts
  }

  async services(): Promise<ApiServices> {
    this.#composed ??= this.#compose()
    return (await this.#composed).api
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#composed)?.parts.disposeAsync()
  }

  async #compose() {
    const { composed, clock, home, settings, log } = this.#parts
    const { composeGovernance } = await import('./compose/governance.ts')
    const baseUrl = () =>
      settings.api.publicUrl ?? composed.switched.addressOf('api')?.url ?? 'http://127.0.0.1:3700'
    const governance = composeGovernance(composed, { clock, home, settings, baseUrl, log })
    await governance.api.webhooks.start()
    return governance
  }
}
