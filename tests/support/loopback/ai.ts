import { MockLanguageModelV4 } from 'ai/test'
import OpenAI from 'openai'

type Generated = Awaited<ReturnType<MockLanguageModelV4['doGenerate']>>
type Streamed = Awaited<ReturnType<MockLanguageModelV4['doStream']>>
type Part = Streamed['stream'] extends ReadableStream<infer P> ? P : never

const USAGE: Generated['usage'] = {
  inputTokens: { total: 11, noCache: 11, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 7, text: 7, reasoning: 0 },
}

/** A model of the AI SDK whose answers come from the stand-in on loopback. */
export function loopbackModel(url: string, name = 'tiny'): MockLanguageModelV4 {
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${url}/v1`, maxRetries: 0 })
  const ask = (prompt: unknown) => {
    const last = (prompt as { role: string; content: unknown }[]).at(-1)
    const parts = last?.role === 'user' ? (last.content as { text: string }[]) : [{ text: 'go on' }]
    return [{ role: 'user' as const, content: parts[0]?.text ?? '' }]
  }
  return new MockLanguageModelV4({
    provider: 'loopback',
    modelId: name,
    doGenerate: async ({ prompt }) => {
      const answer = await openai.chat.completions.create({ model: name, messages: ask(prompt) })
      const message = answer.choices[0]?.message
      const [call] = message?.tool_calls ?? []
      const content: Generated['content'] =
        call?.type === 'function'
          ? [
              {
                type: 'tool-call',
                toolCallId: call.id,
                toolName: call.function.name,
                input: call.function.arguments,
              },
            ]
          : [{ type: 'text', text: message?.content ?? '' }]
      const unified = call === undefined ? 'stop' : 'tool-calls'
      return { content, usage: USAGE, finishReason: { unified, raw: unified }, warnings: [] }
    },
    doStream: async ({ prompt }) => {
      const chunks = await openai.chat.completions.create({
        model: name,
        messages: ask(prompt),
        stream: true,
      })
      return { stream: ReadableStream.from(partsOf(chunks)) }
    },
  })
}

async function* partsOf(
  chunks: AsyncIterable<{ choices: { delta: { content?: string | null } }[] }>,
): AsyncGenerator<Part> {
  yield { type: 'stream-start', warnings: [] }
  yield { type: 'text-start', id: '1' }
  for await (const { choices } of chunks)
    if (choices[0]?.delta.content)
      yield { type: 'text-delta', id: '1', delta: choices[0].delta.content }
  yield { type: 'text-end', id: '1' }
  yield { type: 'finish', usage: USAGE, finishReason: { unified: 'stop', raw: 'stop' } }
}
