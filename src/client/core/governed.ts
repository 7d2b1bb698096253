import type { ApprovedAction } from './approval.ts'
import { canonicalText } from './canonical.ts'
import { GuardBlockedError, type BlockingDecision } from './errors.ts'
import { importPrivateKey, rsaSignature, type PlatformKey } from './keys.ts'
import { guardContextOf, type ClientSettings } from './options.ts'
import { quietly, recommendedAction, type RecommendationSource } from './recommend.ts'
import type { JsonRecord } from './route.ts'
import type { CreatedAction } from '../routes/rows.ts'

export interface GovernedSource extends RecommendationSource {
  waitForApproval(actionId: string): Promise<ApprovedAction>
}

/** Creates actions as the modes of the client ask: recommended, guarded, signed, and waited for. */
export class ActionGovernor {
  readonly #client: GovernedSource
  readonly #settings: ClientSettings
  readonly #send: (action: JsonRecord) => Promise<CreatedAction>
  #key: Promise<PlatformKey> | undefined

  constructor(
    client: GovernedSource,
    settings: ClientSettings,
    send: (action: JsonRecord) => Promise<CreatedAction>,
  ) {
    this.#client = client
    this.#settings = settings
    this.#send = send
  }

  /** `fields` are all that will be sent, by their names on the wire. */
  async create(fields: JsonRecord): Promise<CreatedAction> {
    const action = await recommendedAction(this.#client, this.#settings, fields)
    await this.#guard(action)
    const created = await this.#send(await this.#signed(action))
    if (this.#settings.hitlMode !== 'wait' || created.action?.status !== 'pending_approval')
      return created
    const decided = await this.#client.waitForApproval(created.action_id)
    return { ...created, action: decided.action, requested: created.action }
  }

  async #guard(action: JsonRecord): Promise<void> {
    const { guardMode, guardCallback, hitlMode, warn } = this.#settings
    if (guardMode === 'off') return
    const decision = await this.#client.guard(guardContextOf(action)).catch((error: Error) => {
      // Enforcing means that no answer is a no.
      if (guardMode === 'enforce') throw error
      warn(`[clawdeck] The guard could not be asked, going on: ${error.message}`)
    })
    if (decision === undefined) return
    quietly(() => guardCallback(decision))
    // What is no decision is no yes either.
    const made: BlockingDecision =
      typeof decision?.decision === 'string' ? decision : { decision: 'block', reason: 'No answer' }
    const verdict = made.decision
    if (verdict === 'allow' || verdict === 'warn') return
    const blocked = new GuardBlockedError(made)
    if (guardMode === 'warn') warn(`[clawdeck] Guard says ${verdict}: ${blocked.message}`)
    else if (verdict !== 'require_approval' || hitlMode === 'off') throw blocked
  }

  /** Signs exactly what is sent: nulls and what is undefined are gone by now. */
  async #signed(action: JsonRecord): Promise<JsonRecord> {
    const { privateKey } = this.#settings
    if (privateKey === undefined) return action
    const { _signature, ...body } = action
    this.#key ??= importPrivateKey(privateKey)
    return { ...body, _signature: await rsaSignature(await this.#key, canonicalText(body)) }
  }
}
