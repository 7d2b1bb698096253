import { ChatRefusal } from '../../base/chat-refusal.ts'
import type {
  ChatBot,
  ChatMessage,
  ChatPerson,
  ChatSaid,
  ChatTap,
  ChatUpdate,
} from '../../ports/chat-bot.ts'

/** A chat service in memory, with one bot. */
export interface MemoryChats {
  bot: ChatBot
  /** The messages in a chat, by their number, as they are now. */
  messages(chat: number): ReadonlyMap<number, ChatMessage>
  /** What taps were answered. */
  answers: ReadonlyMap<string, string>
  says(from: ChatPerson, text: string): void
  taps(from: ChatPerson, message: number, data: string): string
}

export function memoryChats(): MemoryChats {
  return new Chats()
}

class Chats implements MemoryChats {
  readonly answers = new Map<string, string>()
  readonly #messages = new Map<number, Map<number, ChatMessage>>()
  #updates: ChatUpdate[] = []
  #last = 0
  #wake = Promise.withResolvers<void>()

  readonly bot: ChatBot = {
    me: async () => ({ id: 1, name: 'memory_bot' }),
    updates: async (offset = 0, gone) => {
      this.#updates = this.#updates.filter(({ id }) => id >= offset)
      if (this.#updates.length === 0) await Promise.race([this.#wake.promise, aborted(gone)])
      return [...this.#updates]
    },
    send: async (chat, message) => {
      const number = ++this.#last
      this.messages(chat).set(number, message)
      return { message: number, text: message.text }
    },
    edit: async (chat, message, to) => {
      if (!this.messages(chat).has(message))
        throw new ChatRefusal('invalid', 'there is no such message', {})
      this.messages(chat).set(message, to)
    },
    answer: async (tap, text) => {
      this.answers.set(tap, text)
    },
  }

  messages(chat: number): Map<number, ChatMessage> {
    const known = this.#messages.get(chat) ?? new Map<number, ChatMessage>()
    this.#messages.set(chat, known)
    return known
  }

  says(from: ChatPerson, text: string): void {
    this.#happened({ kind: 'said', from, message: ++this.#last, text, replyTo: undefined })
  }

  taps(from: ChatPerson, message: number, data: string): string {
    const tap = `tap${++this.#last}`
    this.#happened({ kind: 'tap', tap, from, message, data, repliedText: undefined })
    return tap
  }

  #happened(what: ChatSaid | ChatTap): void {
    this.#updates.push({ id: ++this.#last, ...what })
    this.#wake.resolve()
    this.#wake = Promise.withResolvers<void>()
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = () => reject(new ChatRefusal('unreachable', 'the door has closed', {}))
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}
