import { jsonTextOf } from '../core/json.ts'
import type { CreatedAction, LedgerAction } from '../routes/rows.ts'

/** What an integration needs of a client; a `DeckClient` has it. */
export interface RecordingClient {
  createAction(action: {
    action_type: string
    declared_goal: string
    risk_score?: number
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

export interface RecordedRun {
  readonly type: string
  readonly goal: string
  readonly input?: unknown
  readonly systems?: readonly string[]
  readonly risk?: number
  /** The run that this one is part of, by its key. */
  readonly parent?: string | undefined
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

  /** A run that was only passed has ended. */
  forget(key: string): void {
    this.#runs.delete(key)
  }

  /**
   * Records that a run begins. A governed one throws without a yes, and waits for that of an
   * operator.
   */
  async begin(key: string, run: RecordedRun): Promise<void> {
    const { type, goal, systems, risk, input, parent, governed = false } = run
    const above = this.#actionAbove(parent)
    const open: OpenRun = { actionId: undefined, parent, started: performance.now() }
    this.#runs.set(key, open)
    try {
      const created = await this.#client.createAction({
        action_type: type,
        declared_goal: shortText(goal),
        ...(systems === undefined ? {} : { systems_touched: systems }),
        ...(risk === undefined ? {} : { risk_score: risk }),
        ...(input === undefined ? {} : { input_summary: shortText(input) }),
        ...(above === undefined ? {} : { parent_action_id: above }),
      })
      if (created.action?.status === 'pending_approval' && governed)
        await this.#client.waitForApproval(created.action_id)
      open.actionId = created.action_id
    } catch (error) {
      if (governed) {
        this.#runs.delete(key)
        throw error
      }
      this.#warn(`[clawdeck] Not recorded: ${(error as Error).message}`)
    }
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
