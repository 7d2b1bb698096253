import { Api, GrammyError } from 'grammy'
import * as z from 'zod'
import { ChatRefusal, type ChatRefusalKind } from '../../base/chat-refusal.ts'
import { plain } from '../../base/text.ts'
import type { ChatBot, ChatMessage } from '../../ports/chat-bot.ts'
import { readUpdate } from './updates.ts'

/** How long the service waits for something to happen. */
const POLL_SECONDS = 30
/** Without an answer after this, a request has failed. */
const ANSWER_MS = 15_000
/** Nobody is left alone for longer than this. */
const MOST_WAIT_SECONDS = 3600
/** A longer answer is not read. */
const MAX_ANSWER_BYTES = 8 << 20

/** A bot at Telegram, or at another server that speaks the Bot API. */
export function telegramBot(token: string, apiRoot: string): ChatBot {
  const api = new Api(token, {
    apiRoot: apiRoot.replace(/\/+$/, ''),
    // What is answered elsewhere is not followed: the token is part of the address.
    baseFetchConfig: { redirect: 'error', size: MAX_ANSWER_BYTES } as object,
  })
  return {
    async me(gone) {
      const { id, username } = checked(Account, await asked((signal) => api.getMe(signal), gone))
      return { id, name: username }
    },
    async updates(offset, gone) {
      const found = await asked(
        (signal) =>
          api.getUpdates(
            {
              timeout: POLL_SECONDS,
              allowed_updates: ['message', 'callback_query'],
              ...(offset === undefined ? {} : { offset }),
            },
            signal,
          ),
        gone,
        POLL_SECONDS * 1000 + ANSWER_MS,
      )
      return checked(Updates, found)
        .map(readUpdate)
        .toSorted((a, b) => a.id - b.id)
    },
    async send(chat, message, gone) {
      const sent = await asked(
        (signal) => api.sendMessage(chat, message.text, sendOptions(message), signal),
        gone,
      )
      const { message_id: id, text } = checked(Sent, sent)
      return { message: id, text }
    },
    async edit(chat, message, to, gone) {
      try {
        await asked(
          (signal) => api.editMessageText(chat, message, to.text, textOptions(to), signal),
          gone,
        )
      } catch (thrown) {
        if (!(thrown instanceof ChatRefusal) || !/message is not modified/.test(thrown.message))
          throw thrown
      }
    },
    async answer(tap, text, gone) {
      await asked(
        (signal) => api.answerCallbackQuery(tap, { text, show_alert: text.length > 60 }, signal),
        gone,
      )
    },
  }
}

/** The parts of answers that are used: the server may be any. */
const Account = z.object({
  id: z.number().int().positive(),
  username: z.string().regex(/^\w{1,64}$/),
})
const Updates = z.array(z.looseObject({ update_id: z.number().int() })).max(1000)
const Sent = z.object({ message_id: z.number().int(), text: z.string() })

function checked<S extends z.ZodType>(schema: S, answer: unknown): z.output<S> {
  const { data, success } = schema.safeParse(answer)
  if (success) return data as z.output<S>
  throw new ChatRefusal('unreachable', NO_BOT_API, {})
}

const NO_BOT_API = 'its answer is not that of a Bot API'

/** Asks the service something, for a while. */
async function asked<T>(
  what: (signal: never) => Promise<T>,
  gone: AbortSignal,
  ms = ANSWER_MS,
): Promise<T> {
  try {
    // The types of grammY are those of its own AbortSignal, which is the same.
    return await what(AbortSignal.any([gone, AbortSignal.timeout(ms)]) as never)
  } catch (thrown) {
    throw refusal(thrown)
  }
}

function textOptions({ blocks = [], buttons = [] }: ChatMessage) {
  return {
    link_preview_options: { is_disabled: true },
    entities: blocks.map(({ from, to }) => ({
      type: 'pre' as const,
      offset: from,
      length: to - from,
    })),
    reply_markup: {
      inline_keyboard: buttons.map((row) =>
        row.map(({ label, data }) => ({ text: label, callback_data: data })),
      ),
    },
  }
}

function sendOptions(message: ChatMessage) {
  const { replyTo } = message
  return {
    ...textOptions(message),
    ...(replyTo === undefined
      ? {}
      : { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } }),
  }
}

const KINDS: Readonly<Record<number, ChatRefusalKind>> = {
  401: 'token',
  403: 'blocked',
  404: 'token',
  409: 'taken',
  429: 'flood',
}

function refusal(cause: unknown): ChatRefusal {
  if (!(cause instanceof GrammyError)) return new ChatRefusal('unreachable', reasonOf(cause), {})
  const { error_code: code, parameters } = cause
  const description = plain(cause.description, 200)
  if (code >= 500) return new ChatRefusal('unreachable', `${code}: ${description}`, { cause })
  if (/chat not found|user is deactivated/i.test(description))
    return new ChatRefusal('blocked', description, { cause })
  const seconds = Number(parameters.retry_after) || 1
  const waitMs = Math.min(Math.max(seconds, 1), MOST_WAIT_SECONDS) * 1000
  return new ChatRefusal(KINDS[code] ?? 'invalid', description, { cause, waitMs })
}

/**
 * Why there was no answer. The errors of grammY and its fetch are not passed on: their messages may
 * name the address, and the token is part of that.
 */
function reasonOf(thrown: unknown): string {
  const { code, type, name } = (thrown as { error?: Partial<FetchError> }).error ?? {}
  if (name === 'AbortError') return 'it does not answer in time'
  return code ?? NO_ANSWERS[type ?? ''] ?? NO_BOT_API
}

const NO_ANSWERS: Readonly<Record<string, string>> = {
  'max-size': 'its answer is too long',
  'no-redirect': 'it wants to be asked elsewhere',
}

interface FetchError {
  name: string
  type: string
  code: string
}
