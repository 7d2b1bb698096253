import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager'
import { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { AIMessage, HumanMessage, type BaseMessage } from '@langchain/core/messages'
import type { ChatResult } from '@langchain/core/outputs'
import { RunnableLambda, type Runnable } from '@langchain/core/runnables'
import OpenAI from 'openai'

/** A chat model of LangChain that asks the stand-in through the OpenAI client. */
export class LoopbackChat extends BaseChatModel {
  readonly #openai: OpenAI
  readonly #model: string

  constructor(baseURL: string, model: string) {
    super({ maxRetries: 0 })
    this.#openai = new OpenAI({ apiKey: 'none', baseURL: `${baseURL}/v1`, maxRetries: 0 })
    this.#model = model
  }

  override _llmType(): string {
    return 'loopback'
  }

  override async _generate(
    messages: BaseMessage[],
    _options: this['ParsedCallOptions'],
    _run?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    const answer = await this.#openai.chat.completions.create({
      model: this.#model,
      messages: messages.map((message) => ({ role: 'user', content: message.text })),
    })
    const choice = answer.choices[0]?.message
    const text = choice?.content ?? ''
    const message = new AIMessage({
      content: text,
      tool_calls: (choice?.tool_calls ?? []).flatMap((call) =>
        call.type === 'function'
          ? [{ id: call.id, name: call.function.name, args: { branch: 'main' } }]
          : [],
      ),
      response_metadata: { model_name: answer.model },
    })
    const usage_metadata = { input_tokens: 11, output_tokens: 7, total_tokens: 18 }
    Object.assign(message, { usage_metadata })
    return { generations: [{ text, message }] }
  }
}

/** An agent as small as one can be: ask the model, run the tool that it wants. */
export function smallAgent(chat: LoopbackChat, tool: Runnable) {
  return RunnableLambda.from(async (input: string, config) => {
    const answer = await chat.invoke([new HumanMessage(input)], config)
    const [call] = (answer as AIMessage).tool_calls ?? []
    if (call === undefined) return answer.text
    return String(await tool.invoke(call.args, config))
  })
}
