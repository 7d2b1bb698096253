import { body, noun, type BodiesOf } from '../../journal/noun.ts'
import type { Rows } from '../../journal/tables/rows.ts'
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
    'chat.updates_taken': ({ at, body: { bot, upTo } }, rows) =>
      rows.put('chat_bot', String(bot), { ...positionIn(rows, bot), upTo, takenAt: at }),
    'chat.messages_ignored': ({ body: { bot, messages } }, rows) => {
      const { ignored, ...position } = positionIn(rows, bot)
      rows.put('chat_bot', String(bot), { ...position, ignored: ignored + messages })
    },
  },
})

/** How far the updates of this bot were taken. */
export function positionIn(rows: Rows, bot: number): BotPosition {
  const id = String(bot)
  return rows.get<BotPosition>('chat_bot', id) ?? { id, upTo: null, takenAt: 0, ignored: 0 }
}

/** Which digest each device was sent last. */
export const chatDigestNoun = noun({
  name: 'chat_digest',
  events: digestEvents,
  folds: {
    'chat.digest_sent': ({ body: { device, day } }, rows) =>
      rows.put('chat_digest', device, { id: device, day } satisfies SentDigest),
  },
})
