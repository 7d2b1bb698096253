import { awaitApproval, type ApprovalWaitOptions, type ApprovedAction } from './approval.ts'
import { encoded, isRecord, requestOf } from './arguments.ts'
import { invalidArgument } from './errors.ts'
import { ClientEventStream, type EventStreamOptions } from './events.ts'
import { ActionGovernor } from './governed.ts'
import { publicKeyPemOf, type RsaJwk } from './keys.ts'
import {
  clientSettings,
  sendsInTheClear,
  type ClientOptions,
  type ClientSettings,
} from './options.ts'
import { recommendFor } from './recommend.ts'
import type { AdaptedAction } from '../routes/learning.ts'
import type { FieldsOf, JsonRecord, RouteShape } from './route.ts'
import { ClientTransport } from './transport.ts'
import {
  awaitPairing,
  HeartbeatTimer,
  trackWork,
  type PairingWaitOptions,
  type TrackedWork,
} from './work.ts'
import type { ModelUsage } from './llm-usage.ts'
import { wrapLlmClient, type WrapOptions } from './wrap-client.ts'
import type { AgentPairing } from '../routes/security.ts'
import type { CreatedAction } from '../routes/rows.ts'
import { CLIENT_ROUTES, type ClientRoutes, type RouteMethods } from '../routes/table.ts'

/** What `createAction` takes. */
export type NewAction = FieldsOf<ClientRoutes['createAction']>

/** What the client does beyond single requests; `DeckClient` adds a method for each route. */
class ClientCore {
  readonly baseUrl: string
  readonly agentId: string
  readonly #options: ClientOptions
  readonly #transport: ClientTransport
  readonly #settings: ClientSettings
  readonly #governor: ActionGovernor
  readonly #heartbeat = new HeartbeatTimer()

  constructor(options: ClientOptions) {
    if (!isRecord(options)) throw invalidArgument('DeckClient needs an object with options')
    const settings = clientSettings(options)
    this.#options = options
    this.#transport = new ClientTransport(settings)
    this.#settings = settings
    this.baseUrl = this.#transport.urlOf('')
    this.agentId = settings.agentId
    for (const [name, route] of Object.entries<RouteShape>(CLIENT_ROUTES))
      if (!(name in this)) this.#define(name, route)
    this.#governor = new ActionGovernor(this.#client, settings, (body) => {
      const request = { method: 'POST', path: '/api/actions', body }
      return this.#transport.call(request) as Promise<CreatedAction>
    })
    if (settings.apiKey !== undefined && sendsInTheClear(settings.baseUrl))
      settings.warn(`[clawdeck] ${this.baseUrl} is not https: the API key can be read on the way`)
  }

  /** Itself, with the methods that `#define` adds. */
  get #client(): DeckClient {
    return this as unknown as DeckClient
  }

  #define(name: string, route: RouteShape): void {
    const value = async (...args: unknown[]): Promise<unknown> =>
      this.#transport.call(requestOf(name, route, args, this.#settings), route.gives)
    Object.defineProperty(this, name, { value, configurable: true, writable: true })
  }

  /** A client with some options changed, such as `agentId`, `signal` or `timeoutMs`. */
  with(changes: Partial<ClientOptions>): DeckClient {
    return new DeckClient({ ...this.#options, ...changes })
  }

  /**
   * Records that an action begins, after what `autoRecommend`, `guardMode` and `privateKey` ask
   * for. A held action has the status `pending_approval`; with `hitlMode: 'wait'` it is waited for,
   * and returned as it was allowed. Errors: `GuardBlockedError`, `ApprovalDeniedError`,
   * `ApprovalExpiredError`, `WaitTimeoutError`; 401 for a missing or bad signature; 409 for an id
   * that is taken; 400.
   */
  createAction(action: NewAction): Promise<CreatedAction>
  createAction(
    actionType: string,
    declaredGoal: string,
    more?: Partial<NewAction>,
  ): Promise<CreatedAction>
  async createAction(...args: unknown[]): Promise<CreatedAction> {
    const { createAction } = CLIENT_ROUTES
    const { body = {} } = requestOf('createAction', createAction, args, this.#settings)
    return this.#governor.create(body)
  }

  /**
   * Waits until an operator decided: by the event stream, by polling where there is none. Returns
   * the action as it was allowed, which an operator may have changed. Errors:
   * `ApprovalDeniedError`, `ApprovalExpiredError`, `WaitTimeoutError` (still pending); 404;
   * `ABORTED`.
   */
  async waitForApproval(actionId: string, options?: ApprovalWaitOptions): Promise<ApprovedAction> {
    const { approvalTimeoutMs: timeout, signal } = this.#settings
    return awaitApproval(this.#client, actionId, { timeout, ...optional({ signal }), ...options })
  }

  /**
   * Records an action, runs `work` with its id, and records how it ended. A held action is waited
   * for; `work` never runs without a yes. Actions of the `deck` that it is given are part of this
   * one. Returns what `work` returns, throws what it throws.
   */
  async track<T>(
    action: NewAction,
    work: (tracked: TrackedWork & { readonly deck: DeckClient }) => T | Promise<T>,
  ): Promise<T> {
    if (typeof work !== 'function') throw invalidArgument('track: expected a function to run')
    return trackWork(this.#client, action as JsonRecord, (tracked) =>
      work({ ...tracked, deck: this.with({ parentActionId: tracked.action_id }) }),
    )
  }

  /**
   * The client with the id of an action filled in: messages, assumptions, loops and the outcome
   * belong to it.
   */
  actionContext(actionId: string): ActionContext {
    if (typeof actionId !== 'string' || actionId === '')
      throw invalidArgument('actionContext: action_id is required')
    const client = this.#client
    const tagged = (fields: unknown, name: string): never =>
      ({ ...(isRecord(fields) ? fields : { [name]: fields }), action_id: actionId }) as never
    return {
      actionId,
      sendMessage: (message, more) => client.sendMessage(tagged(message, 'body'), more),
      recordAssumption: (given) => client.recordAssumption(tagged(given, 'assumption')),
      registerOpenLoop: (given) => client.registerOpenLoop(tagged(given, 'description')),
      updateOutcome: (outcome) => client.updateOutcome(actionId, outcome),
      waitForApproval: (options) => client.waitForApproval(actionId, options),
    }
  }

  /**
   * Reports presence now and every `interval` milliseconds (a minute by default) until
   * `stopHeartbeat`.
   */
  startHeartbeat(options: { interval?: number } & HeartbeatReport = {}): void {
    const { interval = 60_000, ...report } = options
    if (!(interval > 0)) throw invalidArgument('startHeartbeat: interval has to be above 0')
    const client = this.#client
    this.#heartbeat.start(() => client.heartbeat(report), interval)
  }

  stopHeartbeat(): void {
    this.#heartbeat.stop()
  }

  /** Events as they happen; close it when done. */
  events(options?: EventStreamOptions): ClientEventStream {
    const { signal } = this.#settings
    return new ClientEventStream(this.#transport, { ...optional({ signal }), ...options })
  }

  /**
   * The best recommendation for an action, and the action as it would have it; nothing is recorded
   * as applied.
   */
  async recommendAction(action: NewAction): Promise<AdaptedAction> {
    return recommendFor(this.#client, action as JsonRecord)
  }

  /** Key points of today (UTC) and the active threads. */
  async getContextSummary(): Promise<{ points: JsonRecord[]; threads: JsonRecord[] }> {
    const client = this.#client
    const [{ points }, { threads }] = await Promise.all([
      client.getKeyPoints({ session_date: new Date().toISOString().slice(0, 10) }),
      client.getThreads({ status: 'active' }),
    ])
    return { points: points ?? [], threads: (threads ?? []) as unknown as JsonRecord[] }
  }

  /** Where an attachment can be downloaded; the request needs the key in `x-api-key`. */
  getAttachmentUrl(attachmentId: string): string {
    if (typeof attachmentId !== 'string' || attachmentId === '')
      throw invalidArgument('getAttachmentUrl: id is required')
    const id = encoded('getAttachmentUrl', 'id', attachmentId)
    return this.#transport.urlOf(`/api/messages/attachments?id=${id}`)
  }

  /**
   * `createPairing` with the public half of a private JWK. Errors: `SIGNING_FAILED` for a key that
   * is not RSA.
   */
  async createPairingFromPrivateJwk(
    privateJwk: RsaJwk,
    { agentName }: { agentName?: string } = {},
  ): Promise<{ pairing: AgentPairing; pairing_url?: string }> {
    if (!isRecord(privateJwk)) throw invalidArgument('createPairingFromPrivateJwk: no key given')
    const public_key = await publicKeyPemOf(privateJwk)
    return this.#client.createPairing({ public_key, agent_name: agentName })
  }

  /**
   * Waits until an operator approved a pairing. Errors: `PAIRING_EXPIRED`, `WaitTimeoutError`; 404.
   */
  async waitForPairing(pairingId: string, options?: PairingWaitOptions): Promise<AgentPairing> {
    return awaitPairing((id) => this.#client.getPairing(id), pairingId, options)
  }

  /**
   * Makes a client of the packages `openai` or `@anthropic-ai/sdk` report its tokens, streams too.
   * Returns the same client. Errors: `INVALID_ARGUMENT` when it is neither.
   */
  wrapClient<T extends object>(llmClient: T, options?: WrapOptions): T {
    const client = this.#client
    const ended = (usage: ModelUsage | undefined): void => {
      if (usage)
        void client
          .reportTokenUsage({
            tokens_in: usage.tokensIn ?? 0,
            tokens_out: usage.tokensOut ?? 0,
            model: usage.model,
          })
          // Counting must not break the caller.
          .catch(() => undefined)
    }
    return wrapLlmClient(llmClient, () => ({ ended }), options)
  }
}

/** An option that is undefined is one that is not there. */
function optional<T>({ signal }: { signal: T | undefined }): { signal?: T } {
  return signal === undefined ? {} : { signal }
}

type HeartbeatReport = FieldsOf<ClientRoutes['heartbeat']>

/** Methods of the client that belong to one action. */
export interface ActionContext {
  readonly actionId: string
  sendMessage(
    message: string | Partial<FieldsOf<ClientRoutes['sendMessage']>>,
    more?: Partial<FieldsOf<ClientRoutes['sendMessage']>>,
  ): ReturnType<DeckClient['sendMessage']>
  recordAssumption(
    assumption: string | Partial<FieldsOf<ClientRoutes['recordAssumption']>>,
  ): ReturnType<DeckClient['recordAssumption']>
  registerOpenLoop(
    loop: Partial<FieldsOf<ClientRoutes['registerOpenLoop']>>,
  ): ReturnType<DeckClient['registerOpenLoop']>
  updateOutcome(
    outcome: Partial<FieldsOf<ClientRoutes['updateOutcome']>>,
  ): ReturnType<DeckClient['updateOutcome']>
  waitForApproval(options?: ApprovalWaitOptions): Promise<ApprovedAction>
}

/** The client: a method for each request of the API, and what is built from them. */
export type DeckClient = ClientCore & Omit<RouteMethods, keyof ClientCore>
export const DeckClient = ClientCore as unknown as new (options: ClientOptions) => DeckClient
