import { isRecord } from '../core/arguments.ts'
import type { JsonRecord } from '../core/route.ts'
import { wrapLlmClient, type WrapOptions } from '../core/wrap-client.ts'
import { modelRun, RunRecorder, type RecordingClient } from './run-recorder.ts'

export type { RecordingClient } from './run-recorder.ts'
export type { WrapOptions } from '../core/wrap-client.ts'

/**
 * Makes a client of the packages `openai` or `@anthropic-ai/sdk` write down each call of a model as
 * an action, with its duration, outcome and tokens, streams too: `const openai =
 * recordModelCalls(deck, new OpenAI())`. Returns the same client, which never waits for that.
 * Errors: `INVALID_ARGUMENT` when it is neither.
 */
export function recordModelCalls<T extends object>(
  client: RecordingClient,
  llmClient: T,
  { warn, ...options }: WrapOptions & { warn?: (message: string) => void } = {},
): T {
  const recorder = new RunRecorder(client, warn ?? ((message) => console.warn(message)))
  return wrapLlmClient(
    llmClient,
    (params) => {
      const key = crypto.randomUUID()
      const model = typeof params['model'] === 'string' ? params['model'] : 'model'
      const begun = recorder.begin(key, modelRun(model, lastAsked(params), [model]))
      return {
        ended: (usage) => void begun.then(() => recorder.complete(key, '', usage)),
        failed: (error) => void begun.then(() => recorder.fail(key, error)),
      }
    },
    options,
  )
}

/** What is asked now, of all that was said before. */
function lastAsked({ messages, input }: JsonRecord): unknown {
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined
  return isRecord(last) ? last['content'] : input
}
