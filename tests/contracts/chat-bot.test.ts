import { memoryChats } from '../../src/adapters/memory/chat-bot.ts'
import { telegramBot } from '../../src/adapters/telegram/bot.ts'
import { BotApi, TOKEN } from '../support/bot-api.ts'
import { ChatUser, labels } from '../support/chat-user.ts'
import { chatBotContract } from './chat-bot.ts'

const ADA = { user: 7, name: 'Ada' }

chatBotContract('a service in memory', async () => {
  const chats = memoryChats()
  const shown = (message: number) => chats.messages(ADA.user).get(message)
  const buttons = (message: number) => (shown(message)?.buttons ?? []).flat()
  return {
    bot: chats.bot,
    says: (text) => chats.says(ADA, text),
    taps: (message) => chats.taps(ADA, message, buttons(message)[0]?.data ?? ''),
    seen: (message) => {
      const text = shown(message)?.text
      const named = buttons(message).map(({ label }) => label)
      return text === undefined ? undefined : { text, labels: named }
    },
    answered: (tap) => chats.answers.get(tap),
    end: async () => undefined,
  }
})

chatBotContract('Telegram, over HTTP', async () => {
  const api = await new BotApi().start()
  const ada = new ChatUser(api, ADA.user)
  const shown = (message: number) => ada.screen.find(({ id }) => id === message)
  return {
    bot: telegramBot(TOKEN, `${api.root}/`),
    says: (text) => ada.says(text),
    taps: (message) => {
      const on = shown(message)
      if (on === undefined) throw new Error(`no message ${message}`)
      return ada.taps(on, /Yes/)
    },
    seen: (message) => {
      const found = shown(message)
      return found === undefined ? undefined : { text: found.text, labels: labels(found) }
    },
    answered: (tap) => api.answers.get(tap),
    end: () => api.stop(),
  }
})
