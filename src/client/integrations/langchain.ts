import { isRecord } from '../core/arguments.ts'
import { countOf } from '../core/llm-usage.ts'
import {
  modelRun,
  RunRecorder,
  shortText,
  toolRun,
  type DescribeTool,
  type RecordingClient,
  type RunTokens,
} from './run-recorder.ts'

export type { DescribeTool, RecordingClient, RunFacts } from './run-recorder.ts'

export interface LangChainOptions {
  /**
   * `govern` (the default): a tool only runs when the deck allows it; a held one waits, a block or
   * denial is thrown. `record`: tools are written down and run in any case.
   */
  readonly tools?: 'govern' | 'record'
  /** Says more of a tool: `(name, input) => ({ risk_score: 90, reversible: false })`. */
  readonly describe?: DescribeTool
  readonly warn?: (message: string) => void
}

/**
 * A callback handler for LangChain.js: `invoke(input, { callbacks: [new DeckCallbackHandler(deck)]
 * })`. Each run of an agent or chain, and in it each model call and tool, becomes an action with
 * its duration, outcome and tokens.
 */
export class DeckCallbackHandler {
  readonly name = 'clawdeck'
  /** LangChain waits for what is returned here: a tool must not start before its answer. */
  readonly awaitHandlers = true
  readonly raiseError: boolean
  readonly ignoreLLM = false
  readonly ignoreChain = false
  /** Tools count as part of agents. */
  readonly ignoreAgent = false
  readonly ignoreRetriever = true
  readonly ignoreCustomEvent = true
  readonly #recorder: RunRecorder
  readonly #describe: DescribeTool | undefined

  constructor(
    client: RecordingClient,
    { tools = 'govern', describe, warn }: LangChainOptions = {},
  ) {
    this.raiseError = tools === 'govern'
    this.#describe = describe
    this.#recorder = new RunRecorder(client, warn ?? ((message) => console.warn(message)))
  }

  /** Handlers are copied for nested runs; these share what is open. */
  copy(): this {
    return this
  }

  /** The outermost run is an action; those inside of it only say what belongs to what. */
  async handleChainStart(chain: unknown, inputs: unknown, ...run: unknown[]): Promise<void> {
    // The declared types have another order: this is how LangChain calls it.
    const [runId, parentRunId, , , , runName] = run
    const parent = parentOf(parentRunId)
    if (parent !== undefined) return this.#recorder.pass(String(runId), parent)
    const name = typeof runName === 'string' ? runName : nameOf(chain, 'chain')
    await this.#recorder.begin(String(runId), {
      facts: {
        action_type: 'planning',
        declared_goal: shortText(`Run ${name}`),
        systems_touched: [name],
        risk_score: 10,
      },
      input: gist(inputs),
    })
  }

  async handleChainEnd(outputs: unknown, runId: string): Promise<void> {
    await this.#recorder.complete(runId, gist(outputs))
  }

  async handleChainError(error: unknown, runId: string): Promise<void> {
    await this.#recorder.fail(runId, error)
  }

  async handleLLMStart(
    model: unknown,
    prompts: readonly string[],
    runId: string,
    parentRunId?: string,
  ): Promise<void> {
    await this.#model(model, prompts[0] ?? '', runId, parentRunId)
  }

  async handleChatModelStart(
    model: unknown,
    messages: readonly (readonly unknown[])[],
    runId: string,
    parentRunId?: string,
  ): Promise<void> {
    const last = messages[0]?.at(-1)
    await this.#model(model, isRecord(last) ? last['content'] : last, runId, parentRunId)
  }

  async handleLLMEnd(output: unknown, runId: string): Promise<void> {
    const generation = firstGeneration(output)
    await this.#recorder.complete(runId, generation?.['text'] ?? '', tokensOf(output))
  }

  async handleLLMError(error: unknown, runId: string): Promise<void> {
    await this.#recorder.fail(runId, error)
  }

  async handleToolStart(tool: unknown, input: string, ...run: unknown[]): Promise<void> {
    const [runId, parentRunId, , , runName] = run
    const name = typeof runName === 'string' ? runName : nameOf(tool, 'tool')
    await this.#recorder.begin(String(runId), {
      ...(await toolRun(name, input, this.#describe ? { describe: this.#describe } : {})),
      parent: parentOf(parentRunId),
      governed: this.raiseError,
    })
  }

  async handleToolEnd(output: unknown, runId: string): Promise<void> {
    await this.#recorder.complete(runId, isRecord(output) ? (output['content'] ?? output) : output)
  }

  async handleToolError(error: unknown, runId: string): Promise<void> {
    await this.#recorder.fail(runId, error)
  }

  async #model(model: unknown, input: unknown, runId: string, parent?: string): Promise<void> {
    const name = nameOf(model, 'model')
    await this.#recorder.begin(runId, { ...modelRun(name, input, [name]), parent })
  }
}

/** What chains take and give is most often a conversation, of which the last message counts. */
function gist(values: unknown): unknown {
  if (!isRecord(values)) return values
  const { messages, input, output } = values
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined
  return (isRecord(last) ? last['content'] : last) ?? input ?? output ?? values
}

function parentOf(runId: unknown): string | undefined {
  return typeof runId === 'string' ? runId : undefined
}

/** LangChain describes models and tools by their class path, or by a name. */
function nameOf(serialized: unknown, otherwise: string): string {
  if (!isRecord(serialized)) return otherwise
  const { name, id, kwargs } = serialized
  const given = isRecord(kwargs) ? (kwargs['model'] ?? kwargs['model_name']) : undefined
  const last: unknown = Array.isArray(id) ? id.at(-1) : undefined
  const found = [given, name, last].find((part) => typeof part === 'string' && part !== '')
  return typeof found === 'string' ? found : otherwise
}

function firstGeneration(output: unknown): Record<string, unknown> | undefined {
  const generations = isRecord(output) ? output['generations'] : undefined
  const first: unknown = Array.isArray(generations) ? generations[0]?.[0] : undefined
  return isRecord(first) ? first : undefined
}

/** Tokens stand in the message, or, with older models, in `llmOutput`. */
function tokensOf(output: unknown): RunTokens {
  const message = firstGeneration(output)?.['message']
  const usage = isRecord(message) ? message['usage_metadata'] : undefined
  const metadata = isRecord(message) ? message['response_metadata'] : undefined
  const llmOutput = isRecord(output) ? output['llmOutput'] : undefined
  const old = isRecord(llmOutput) ? llmOutput['tokenUsage'] : undefined
  const names = [metadata, llmOutput].map((part) =>
    isRecord(part) ? (part['model_name'] ?? part['model']) : undefined,
  )
  const model = names.find((name) => typeof name === 'string')
  const counts = isRecord(usage) ? usage : {}
  const older = isRecord(old) ? old : {}
  return {
    tokensIn: countOf(counts['input_tokens']) ?? countOf(older['promptTokens']),
    tokensOut: countOf(counts['output_tokens']) ?? countOf(older['completionTokens']),
    model: typeof model === 'string' ? model : undefined,
  }
}
