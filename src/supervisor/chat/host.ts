import { limiter } from '../../adapters/limiter.ts'
import type { Clock } from '../../base/clock.ts'
import { asFault, Fault } from '../../base/fault.ts'
import type { ChatControl, ChatStatus, ConnectedBot } from '../../commands/deck.ts'
import {
  BOT_TOKEN_VARIABLE,
  parseBotToken,
  readBot,
  removeBot,
  saveBot,
  type StoredBot,
} from '../../config/bot-token.ts'
import type { Home } from '../../config/home.ts'
import type { Settings } from '../../config/settings.ts'
import type { ChatDoor } from '../../doors/chat/door.ts'
import type { BotAccount, ChatBot } from '../../ports/chat-bot.ts'
import type { ComposedDeck } from '../compose/deck.ts'
import type { Execute } from '../execute.ts'

interface HostParts {
  home: Home
  env: NodeJS.ProcessEnv
  settings: Settings
  clock: Clock
  log: (what: string) => void
}

interface Served {
  composed: ComposedDeck
  execute: Execute
}

/** What changes what chats are shown. */
const SHOWN_TABLES: ReadonlySet<string> = new Set(['approval', 'device', 'operator'])
/** How soon the name of the bot is asked for again. */
const NAME_AGAIN_MS = 10_000

/** The door to Telegram, while there is a bot token. Without one, its code is not loaded. */
export class ChatHost implements ChatControl {
  readonly #parts: HostParts
  readonly #one = limiter(1)
  #served: Served | undefined
  #open: OpenDoor | undefined
  /** Why there is no door although there is a token. */
  #problem: string | undefined

  constructor(parts: HostParts) {
    this.#parts = parts
  }

  /** The public name of the bot, once it is known. */
  get botName(): string | undefined {
    return this.#open?.name
  }

  /** Opens the door if there is a token, and closes it in the end. */
  async serve(served: Served): Promise<AsyncDisposable> {
    const { home, env, log } = this.#parts
    this.#served = served
    const unfollow = served.composed.record.journal.follow(({ touched }) => {
      if (touched.some(({ table }) => SHOWN_TABLES.has(table))) this.#open?.door.changed()
    })
    try {
      const bot = await readBot(home.telegramBot, env)
      if (bot !== undefined) await this.#openDoor(served, bot)
    } catch (thrown) {
      this.#problem = asFault(thrown).message
      log(`Telegram is not served: ${this.#problem}`)
    }
    return {
      [Symbol.asyncDispose]: async () => {
        unfollow()
        await this.#closeDoor()
      },
    }
  }

  status(): ChatStatus | null {
    if (this.#open === undefined)
      return this.#problem === undefined
        ? null
        : { bot: null, lastContactAt: null, problem: this.#problem, chats: 0, ignored: 0 }
    return { bot: this.#open.name ?? null, ...this.#open.door.state() }
  }

  connect(text: string, actor: string): Promise<ConnectedBot> {
    return this.#one(async () => {
      const { home } = this.#parts
      const served = this.#forChange()
      const { token, id } = parseBotToken(text)
      const { name } = await this.#accountOf(token)
      await served.composed.record.journal.append(() => [
        { type: 'chat.bot_connected', actor, subject: '', body: { bot: id, name } },
      ])
      await saveBot(home.telegramBot, { token, name })
      await this.#closeDoor()
      await this.#openDoor(served, { token, id, name })
      return { bot: name }
    })
  }

  disconnect(actor: string): Promise<ConnectedBot> {
    return this.#one(async () => {
      const served = this.#forChange()
      const bot = this.botName ?? ''
      if (this.status() === null) throw new Fault('not.possible', 'there is no bot')
      await served.composed.record.journal.append(() => [
        { type: 'chat.bot_removed', actor, subject: '', body: { name: bot } },
      ])
      await removeBot(this.#parts.home.telegramBot)
      await this.#closeDoor()
      this.#problem = undefined
      return { bot }
    })
  }

  #forChange(): Served {
    if (this.#served === undefined)
      throw new Fault('supervisor.unavailable', 'the supervisor is still starting')
    if ((this.#parts.env[BOT_TOKEN_VARIABLE] ?? '') !== '')
      throw new Fault('not.possible', `the supervisor has its token from ${BOT_TOKEN_VARIABLE}`, {
        hint: 'Unset it and restart the supervisor, or change it there.',
      })
    return this.#served
  }

  async #accountOf(token: string): Promise<BotAccount> {
    const bot = await this.#botOf(token)
    try {
      return await bot.me(new AbortController().signal)
    } catch (thrown) {
      const { kind, message } = thrown as { kind?: string; message: string }
      throw kind === 'token'
        ? new Fault('input.invalid', 'Telegram does not know this token', {
            hint: 'Copy it again from BotFather.',
          })
        : new Fault('not.possible', `Telegram cannot be reached: ${message}`, {
            hint: 'Check telegram.apiRoot in config.yaml, and the network.',
          })
    }
  }

  async #botOf(token: string): Promise<ChatBot> {
    const { telegramBot } = await import('../../adapters/telegram/bot.ts')
    return telegramBot(token, this.#parts.settings.telegram.apiRoot)
  }

  async #openDoor({ composed, execute }: Served, { token, id, name }: StoredBot): Promise<void> {
    const { settings, clock, log } = this.#parts
    const [bot, { ChatDoor: Door }, { chatLog }] = await Promise.all([
      this.#botOf(token),
      import('../../doors/chat/door.ts'),
      import('../../domain/chats/service.ts'),
    ])
    const door = new Door({
      bot,
      botId: id,
      log: chatLog(composed.record),
      accounts: composed.access.read,
      operators: composed.operators,
      clock,
      digestAt: settings.telegram.digestAt,
      execute,
      problem: log,
    })
    const ended = new AbortController()
    ended.signal.addEventListener('abort', composed.alerts.register(door.channel), { once: true })
    const open: OpenDoor = { door, name, ended }
    this.#open = open
    this.#problem = undefined
    if (name === undefined) void this.#learnName(bot, open)
  }

  /** The name in a token of the environment is not known before Telegram has answered once. */
  async #learnName(bot: ChatBot, open: OpenDoor): Promise<void> {
    try {
      open.name = (await bot.me(open.ended.signal)).name
    } catch {
      // The door itself reports what is wrong.
      if (!open.ended.signal.aborted)
        this.#parts.clock.after(NAME_AGAIN_MS, () => void this.#learnName(bot, open))
    }
  }

  async #closeDoor(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    open?.ended.abort()
    await open?.door[Symbol.asyncDispose]()
  }
}

interface OpenDoor {
  door: ChatDoor
  name: string | undefined
  ended: AbortController
}
