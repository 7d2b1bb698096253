import { ApprovalDeniedError } from '../core/errors.ts'
import { jsonTextOf } from '../core/json.ts'
import type { CreatedAction, LedgerAction } from '../routes/rows.ts'

/** What an integration needs of a client; a `DeckClient` has it. */
export interface RecordingClient {
  createAction(action: {
    action_type: string
    declared_goal: string
    risk_score?: number
    reversible?: boolean
    authorization_scope?: string
    systems_touched?: readonly string[]
    input_summary?: string
    parent_action_id?: string
  }): Promise<CreatedAction>
  waitForApproval(actionId: string): Promise<{ action: LedgerAction }>
  updateOutcome(
    actionId: string,
    outcome: {
      status: string
      duration_ms: number
      output_summary?: string | undefined
      error_message?: string | undefined
      tokens_in?: number | undefined
      tokens_out?: number | undefined
      model?: string | undefined
    },
  ): Promise<unknown>
  reportTokenUsage(usage: {
    tokens_in: number
    tokens_out: number
    model?: string
  }): Promise<unknown>
}

/** What is known of an action before it runs, as the API names it. */
export interface RunFacts {
  readonly action_type?: string
  readonly declared_goal?: string
  readonly risk_score?: number
  readonly reversible?: boolean
  readonly authorization_scope?: string
  readonly systems_touched?: readonly string[]
}

/** Says more of a call of a tool than its name and input do. */
export type DescribeTool = (name: string, input: unknown) => RunFacts | undefined

export interface RecordedRun {
  readonly facts: RunFacts & { readonly action_type: string; readonly declared_goal: string }
  readonly input?: unknown
  /** The run that this one is part of, by its key. */
  readonly parent?: string | undefined
  /** The action that this one is part of, where no run of this recorder stands for it. */
  readonly parentAction?: string | undefined
  /** Whether it may only go on with a yes. Otherwise what cannot be recorded goes on unrecorded. */
  readonly governed?: boolean
}

export interface RunTokens {
  readonly tokensIn?: number | undefined
  readonly tokensOut?: number | undefined
  readonly model?: string | undefined
}

interface OpenRun {
  actionId: string | undefined
  readonly parent: string | undefined
  readonly started: number
}

const MOST_CHARS = 1000

/** Turns the runs of a framework, each with a key of its own, into actions of the ledger. */
export class RunRecorder {
  readonly #client: RecordingClient
  readonly #warn: (message: string) => void
  readonly #runs = new Map<string, OpenRun>()
  readonly #reports = new Set<Promise<unknown>>()

  constructor(client: RecordingClient, warn: (message: string) => void = () => undefined) {
    this.#client = client
    this.#warn = warn
  }

  /** Remembers a run that is no action itself, but may be the parent of some. */
  pass(key: string, parent: string | undefined): void {
    this.#runs.set(key, { actionId: undefined, parent, started: performance.now() })
  }

  /** The action of a run that is open. */
  actionOf(key: string): string | undefined {
    return this.#runs.get(key)?.actionId
  }

  /**
   * Records that a run begins. A governed one throws without a yes, and waits for that of an
   * operator.
   */
  async begin(key: string, run: RecordedRun): Promise<void> {
    const { facts, input, parent, parentAction, governed = false } = run
    const above = this.#actionAbove(parent) ?? parentAction
    const open: OpenRun = { actionId: undefined, parent, started: performance.now() }
    this.#runs.set(key, open)
    try {
      const created = await this.#client.createAction({
        ...facts,
        ...(input === undefined ? {} : { input_summary: shortText(input) }),
        ...(above === undefined ? {} : { parent_action_id: above }),
      })
      if (governed) await this.#allowed(created)
      open.actionId = created.action_id
    } catch (error) {
      if (governed) {
        this.#runs.delete(key)
        throw error
      }
      this.#warn(`[clawdeck] Not recorded: ${(error as Error).message}`)
    }
  }

  /**
   * Waits for a yes where one is needed. What an operator changed is refused: a tool runs with the
   * input that its agent gave, so that it would do something else than what was allowed.
   */
  async #allowed({
    action_id: actionId,
    action,
    requested = action,
  }: CreatedAction): Promise<void> {
    const decided =
      action?.status === 'pending_approval'
        ? (await this.#client.waitForApproval(actionId)).action
        : action
    const goal = decided?.declared_goal
    if (goal === undefined || goal === requested?.declared_goal) return
    const message = `Not run: an operator changed it to “${goal}”`
    await this.#report(
      this.#client.updateOutcome(actionId, {
        status: 'cancelled',
        duration_ms: 0,
        error_message: message,
      }),
    )
    throw new ApprovalDeniedError(message, {
      actionId,
      decision: 'cancelled',
      code: 'APPROVAL_CHANGED',
      action: decided,
    })
  }

  async complete(key: string, output: unknown, tokens: RunTokens = {}): Promise<void> {
    await this.#end(key, { status: 'completed', output_summary: shortText(output) }, tokens)
  }

  async fail(key: string, error: unknown): Promise<void> {
    const message = error instanceof Error ? error.message : error
    await this.#end(key, { status: 'failed', error_message: shortText(message) }, {})
  }

  /** Tokens that no run stands for. */
  async count({ tokensIn, tokensOut, model }: RunTokens): Promise<void> {
    if (!tokensIn && !tokensOut) return
    const usage = { tokens_in: tokensIn ?? 0, tokens_out: tokensOut ?? 0 }
    await this.#report(this.#client.reportTokenUsage(model ? { ...usage, model } : usage))
  }

  /** Resolves when all that was begun has been sent. */
  async flush(): Promise<void> {
    while (this.#reports.size > 0) await Promise.all(this.#reports)
  }

  /** For frameworks that do not wait: `flush` waits instead. */
  later(work: Promise<unknown>): void {
    const report = work.catch(() => undefined).finally(() => this.#reports.delete(report))
    this.#reports.add(report)
  }

  async #end(
    key: string,
    outcome: { status: string; output_summary?: string; error_message?: string },
    tokens: RunTokens,
  ): Promise<void> {
    const run = this.#runs.get(key)
    this.#runs.delete(key)
    if (run?.actionId !== undefined)
      await this.#report(
        this.#client.updateOutcome(run.actionId, {
          ...outcome,
          duration_ms: Math.round(performance.now() - run.started),
          tokens_in: tokens.tokensIn,
          tokens_out: tokens.tokensOut,
          model: tokens.model,
        }),
      )
    await this.count(tokens)
  }

  #actionAbove(key: string | undefined): string | undefined {
    for (let at = key; at !== undefined; at = this.#runs.get(at)?.parent) {
      const actionId = this.#runs.get(at)?.actionId
      if (actionId !== undefined) return actionId
    }
    return undefined
  }

  /**
   * What happened has happened: a report that fails cannot undo it, and must not break the program.
   */
  async #report(sent: Promise<unknown>): Promise<void> {
    await sent.catch((error: Error) => this.#warn(`[clawdeck] Not recorded: ${error.message}`))
  }
}

/** A bounded text of whatever a framework hands over. */
export function shortText(value: unknown): string {
  const text = (typeof value === 'string' ? value : jsonTextOf(value)) ?? ''
  return text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS - 1)}…` : text
}

/** As much of an input as operators are shown; the API takes 2,000 characters. */
const GOAL_CHARS = 1800

/**
 * A call of a tool: its goal shows what will run, since operators decide on that and rules are
 * learned from it. Of a longer input, a hash stands for the rest.
 */
export async function toolRun(
  name: string,
  input: unknown,
  { actionType = 'tool', describe }: { actionType?: string; describe?: DescribeTool },
): Promise<RecordedRun> {
  const text = (typeof input === 'string' ? input : jsonTextOf(input)) ?? ''
  const rest = text.length - GOAL_CHARS
  const shown =
    rest > 0
      ? `${text.slice(0, GOAL_CHARS)}… (${rest} more characters, SHA-256 ${await sha256(text)})`
      : text
  const facts = {
    action_type: actionType,
    declared_goal: `Use tool: ${name} ${shown}`.trimEnd(),
    systems_touched: [name],
    ...describe?.(name, input),
  }
  return { facts, input, governed: true }
}

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A call of a model: it is written down, and not asked about. */
export function modelRun(model: string, input: unknown, systems: readonly string[]): RecordedRun {
  const facts = {
    action_type: 'planning',
    declared_goal: shortText(`Ask the model ${model}`),
    systems_touched: ['llm', ...systems],
    risk_score: 10,
  }
  return { facts, input }
}
