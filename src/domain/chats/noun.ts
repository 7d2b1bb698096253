import { body, noun, type BodiesOf } from '../../journal/noun.ts'
import type { ApprovalState } from '../approvals/types.ts'
import type { BotPosition, SentDigest, ShownApproval } from './types.ts'

const messageEvents = {
  'chat.approval_shown': body<Omit<ShownApproval, 'state'>>(),
  'chat.approval_updated': body<{ id: string; approval: string; state: ApprovalState }>(),
}

const botEvents = {
  'chat.bot_connected': body<{ bot: number; name: string }>(),
  'chat.bot_removed': body<{ name: string }>(),
  'chat.updates_taken': body<{ bot: number; upTo: number }>(),
  'chat.messages_ignored': body<{ bot: number; messages: number; people: number }>(),
}

const digestEvents = {
  'chat.digest_sent': body<{ device: string; day: string }>(),
}

declare module '../../journal/types.ts' {
  interface EventBodies
    extends
      BodiesOf<typeof messageEvents>,
      BodiesOf<typeof botEvents>,
      BodiesOf<typeof digestEvents> {}
}

/** Messages in chats that show approvals. */
export const chatMessageNoun = noun({
  name: 'chat_message',
  columns: {
    state: { path: 'state', type: 'TEXT' },
    chat: { path: 'chat', type: 'INTEGER' },
    approval: { path: 'approval', type: 'TEXT' },
  },
  indexes: [
    ['chat', 'state'],
    ['chat', 'approval'],
  ],
  events: messageEvents,
  folds: {
    'chat.approval_shown': ({ body: shown }, rows) =>
      rows.put('chat_message', shown.id, { ...shown, state: 'pending' } satisfies ShownApproval),
    'chat.approval_updated': ({ body: { id, state } }, rows) => {
      const shown = rows.get<ShownApproval>('chat_message', id)
      if (shown !== undefined) rows.put('chat_message', id, { ...shown, state })
    },
  },
  grants: (here, expected) => isWhole(here) && !isWhole(expected),
})

function isWhole(row: object | undefined): boolean {
  return (row as Partial<ShownApproval> | undefined)?.whole === true
}

/** How far the updates of each bot were taken. */
export const chatBotNoun = noun({
  name: 'chat_bot',
  events: botEvents,
  folds: {
    'chat.updates_taken': ({ body: { bot, upTo } }, rows) => {
      const { ignored = 0 } = rows.get<BotPosition>('chat_bot', String(bot)) ?? {}
      rows.put('chat_bot', String(bot), { id: String(bot), upTo, ignored } satisfies BotPosition)
    },
    'chat.messages_ignored': ({ body: { bot, messages } }, rows) => {
      const id = String(bot)
      const { upTo = null, ignored = 0 } = rows.get<BotPosition>('chat_bot', id) ?? {}
      const position: BotPosition = { id, upTo, ignored: ignored + messages }
      rows.put('chat_bot', id, position)
    },
  },
})

/** Which digest each device was sent last. */
export const chatDigestNoun = noun({
  name: 'chat_digest',
  events: digestEvents,
  folds: {
    'chat.digest_sent': ({ body: { device, day } }, rows) =>
      rows.put('chat_digest', device, { id: device, day } satisfies SentDigest),
  },
})
