import { Usage, type Model, type ModelResponse } from '@openai/agents-core'
import OpenAI from 'openai'

/** A model of the Agents SDK whose answers come from the stand-in on loopback. */
export function agentModel(url: string): Model {
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${url}/v1`, maxRetries: 0 })
  return {
    async getResponse({ input }): Promise<ModelResponse> {
      const last = typeof input === 'string' ? { role: 'user', content: input } : input.at(-1)
      const content = JSON.stringify(last).includes('use push') ? 'use push' : 'go on'
      const messages = [{ role: 'user' as const, content }]
      const answer = await openai.chat.completions.create({ model: 'tiny', messages })
      const message = answer.choices[0]?.message
      const [call] = message?.tool_calls ?? []
      const output: ModelResponse['output'] =
        call?.type === 'function'
          ? [
              {
                type: 'function_call',
                callId: call.id,
                name: call.function.name,
                arguments: call.function.arguments,
                status: 'completed',
              },
            ]
          : [
              {
                type: 'message',
                role: 'assistant',
                status: 'completed',
                content: [{ type: 'output_text', text: message?.content ?? '' }],
              },
            ]
      return { usage: new Usage({ inputTokens: 11, outputTokens: 7, totalTokens: 18 }), output }
    },
    // eslint-disable-next-line require-yield -- nothing streams here
    async *getStreamedResponse() {
      throw new Error('not streamed')
    },
  }
}
