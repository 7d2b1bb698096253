import { isRecord } from '../core/arguments.ts'
import { countOf } from '../core/llm-usage.ts'
import {
  modelRun,
  RunRecorder,
  toolRun,
  type DescribeTool,
  type RecordingClient,
  type RunTokens,
} from './run-recorder.ts'

export type { DescribeTool, RecordingClient, RunFacts } from './run-recorder.ts'

/** What a middleware is called with, as far as this one looks at it. */
interface ModelCall<Generated, Streamed> {
  readonly doGenerate: () => PromiseLike<Generated>
  readonly doStream: () => PromiseLike<Streamed>
  readonly params: { readonly prompt: unknown }
  readonly model: { readonly modelId: string; readonly provider: string }
}

interface StreamedAnswer {
  readonly stream: unknown
}

/**
 * A middleware of the Vercel AI SDK: `wrapLanguageModel({ model, middleware: deckMiddleware(deck)
 * })`. Each call of the model becomes an action with its duration, outcome and tokens; what is
 * generated or streamed does not change.
 */
export function deckMiddleware(
  client: RecordingClient,
  { warn }: { warn?: (message: string) => void } = {},
): {
  readonly specificationVersion: 'v4'
  wrapGenerate<G, S>(call: ModelCall<G, S>): Promise<G>
  wrapStream<G, S extends StreamedAnswer>(call: ModelCall<G, S>): Promise<S>
} {
  const recorder = new RunRecorder(client, warn ?? ((message) => console.warn(message)))
  return {
    specificationVersion: 'v4',
    async wrapGenerate({ doGenerate, params, model }) {
      const key = await beginCall(recorder, model, params)
      const answer = await failing(recorder, key, doGenerate)
      await recorder.complete(key, textOfContent(answer), tokensOfPart(answer, model.modelId))
      return answer
    },
    async wrapStream({ doStream, params, model }) {
      const key = await beginCall(recorder, model, params)
      const answer = await failing(recorder, key, doStream)
      const finish = (part: unknown): Promise<void> =>
        recorder.complete(key, '', tokensOfPart(part, model.modelId))
      const stream = answer.stream as ReadableStream<unknown>
      return { ...answer, stream: watched(stream, recorder, key, finish) }
    },
  }
}

/** A tool of the AI SDK, as far as this looks at it. */
interface ExecutableTool {
  execute?: (input: never, options: never) => unknown
}

/**
 * Tools that only run when the deck allows it: `tools: governTools(deck, { push, deploy })`. A held
 * call waits; a block or denial is thrown, which the SDK tells the model.
 */
export function governTools<T extends Record<string, ExecutableTool>>(
  client: RecordingClient,
  tools: T,
  options: { actionType?: string; describe?: DescribeTool } = {},
): T {
  const recorder = new RunRecorder(client)
  const entries = Object.entries(tools).map(([name, tool]) => {
    const { execute } = tool
    if (execute === undefined) return [name, tool]
    const governed = async (input: never, call: never): Promise<unknown> => {
      const key = crypto.randomUUID()
      await recorder.begin(key, await toolRun(name, input, options))
      const run = async (): Promise<unknown> => lastOf(await execute.call(tool, input, call))
      const result = await failing(recorder, key, run)
      await recorder.complete(key, result)
      return result
    }
    return [name, { ...tool, execute: governed }]
  })
  return Object.fromEntries(entries) as T
}

/** A tool may give results one after the other; the last one counts, and only that is passed on. */
async function lastOf(result: unknown): Promise<unknown> {
  if (typeof result !== 'object' || result === null || !(Symbol.asyncIterator in result))
    return result
  let last: unknown
  for await (const item of result as AsyncIterable<unknown>) last = item
  return last
}

async function beginCall(
  recorder: RunRecorder,
  { modelId, provider }: { modelId: string; provider: string },
  { prompt }: { prompt: unknown },
): Promise<string> {
  const key = crypto.randomUUID()
  const input = Array.isArray(prompt) ? (prompt as unknown[]).at(-1) : prompt
  await recorder.begin(key, modelRun(modelId, input, [provider, modelId]))
  return key
}

async function failing<T>(
  recorder: RunRecorder,
  key: string,
  run: () => PromiseLike<T>,
): Promise<T> {
  try {
    return await run()
  } catch (error) {
    await recorder.fail(key, error)
    throw error
  }
}

/** The same stream; the action ends with its last part, an error in it, or when nobody reads on. */
function watched(
  stream: ReadableStream<unknown>,
  recorder: RunRecorder,
  key: string,
  finish: (part: unknown) => Promise<void>,
): ReadableStream<unknown> {
  const reader = stream.getReader()
  return new ReadableStream<unknown>({
    async pull(controller) {
      const { done, value } = await reader.read().catch(async (error: unknown) => {
        await recorder.fail(key, error)
        throw error
      })
      const part = isRecord(value) ? value : {}
      if (part['type'] === 'finish') await finish(part)
      if (part['type'] === 'error') await recorder.fail(key, part['error'])
      if (!done) return controller.enqueue(value)
      await finish(undefined)
      controller.close()
    },
    async cancel(reason) {
      await recorder.fail(key, `No longer read: ${String(reason)}`)
      await reader.cancel(reason)
    },
  })
}

function textOfContent(answer: unknown): string {
  const content = isRecord(answer) ? answer['content'] : undefined
  if (!Array.isArray(content)) return ''
  return content
    .filter((part): part is { text: string } => isRecord(part) && typeof part['text'] === 'string')
    .map((part) => part.text)
    .join('')
}

/** Counts are numbers in older versions of the specification, and objects with a total since. */
function tokensOfPart(part: unknown, model: string): RunTokens {
  const usage = isRecord(part) ? part['usage'] : undefined
  if (!isRecord(usage)) return { model }
  const total = (value: unknown): number | undefined =>
    countOf(isRecord(value) ? value['total'] : value)
  return { tokensIn: total(usage['inputTokens']), tokensOut: total(usage['outputTokens']), model }
}
