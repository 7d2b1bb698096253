import * as z from 'zod'
import type { ChatPerson, ChatUpdate } from '../../ports/chat-bot.ts'

const Sender = z.object({
  id: z.number().int().positive(),
  is_bot: z.boolean(),
  first_name: z.string(),
  last_name: z.string().optional(),
  username: z.string().optional(),
})

const Chat = z.object({ id: z.number().int(), type: z.string() })

/** A message as far as it is used. `forward_origin` and `via_bot`: somebody else wrote it. */
const Message = z.object({
  message_id: z.number().int(),
  chat: Chat,
  from: Sender.optional(),
  text: z.string().optional(),
  reply_to_message: z
    .object({ message_id: z.number().int(), text: z.string().optional() })
    .optional(),
  forward_origin: z.unknown().optional(),
  via_bot: z.unknown().optional(),
})

const Update = z.object({
  message: Message.optional(),
  callback_query: z
    .object({ id: z.string(), from: Sender, message: Message.optional(), data: z.string() })
    .optional(),
})

const MAX_NAME = 100
const MAX_TEXT = 4096

/**
 * An update of the Bot API. Groups, channels, bots, forwarded and edited messages, and whatever has
 * another shape, are `other`.
 */
export function readUpdate(raw: { update_id: number }): ChatUpdate {
  const { data } = Update.safeParse(raw)
  const read = said(data?.message) ?? tapped(data?.callback_query) ?? { kind: 'other' }
  return { id: raw.update_id, ...read }
}

function said(message: z.output<typeof Message> | undefined) {
  const from = personIn(message?.chat, message?.from)
  if (message === undefined || from === undefined) return undefined
  const { forward_origin: forwarded, via_bot: viaBot, text, message_id: id } = message
  if (forwarded !== undefined || viaBot !== undefined) return undefined
  return {
    kind: 'said' as const,
    from,
    message: id,
    text: (text ?? '').slice(0, MAX_TEXT),
    replyTo: message.reply_to_message?.message_id,
  }
}

function tapped(query: z.output<typeof Update>['callback_query']) {
  const message = query?.message
  const from = personIn(message?.chat, query?.from)
  if (query === undefined || message === undefined || from === undefined) return undefined
  return {
    kind: 'tap' as const,
    tap: query.id,
    from,
    message: message.message_id,
    data: query.data,
    repliedText: message.reply_to_message?.text?.slice(0, MAX_TEXT),
  }
}

/** Who is in a private chat with the bot: undefined elsewhere, and for bots. */
function personIn(
  chat: z.output<typeof Chat> | undefined,
  from: z.output<typeof Sender> | undefined,
): ChatPerson | undefined {
  if (chat === undefined || from === undefined || from.is_bot) return undefined
  if (chat.type !== 'private' || chat.id !== from.id) return undefined
  const { id, first_name: first, last_name: last = '', username } = from
  const name = `${first} ${last}`.trim().slice(0, MAX_NAME)
  return { user: id, name: username === undefined ? name : `${name} (@${username})` }
}
