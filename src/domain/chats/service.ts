import type { Journal } from '../../journal/journal.ts'
import type { Draft } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import { positionIn } from './noun.ts'
import type { ChatLog, SentDigest, ShownApproval } from './types.ts'

/** What chats were shown and what was taken from them, by the journal. */
export function chatLog({ journal, store }: { journal: Journal; store: Store }): ChatLog {
  const open = store
    .prepare<[number], string>(
      "SELECT row FROM chat_message WHERE chat = ? AND state = 'pending' ORDER BY rowid",
    )
    .pluck()
  const shown = store
    .prepare<[number, string], string>(
      'SELECT row FROM chat_message WHERE chat = ? AND approval = ?',
    )
    .pluck()
  const parsed = (rows: string[]) => rows.map((row) => JSON.parse(row) as ShownApproval)
  const note = async (draft: Omit<Draft, 'actor'>): Promise<void> => {
    await journal.append(() => [{ ...draft, actor: 'supervisor' } as Draft])
  }
  return {
    open: (chat) => parsed(open.all(chat)),
    shown: (chat, approval) => parsed(shown.all(chat, approval)),
    byMessage: (chat, message) =>
      journal.rows.get<ShownApproval>('chat_message', messageId(chat, message)),
    noteShown: (message) =>
      note({
        type: 'chat.approval_shown',
        subject: message.agent,
        body: { ...message, id: messageId(message.chat, message.message) },
      }),
    noteUpdated: ({ id, approval, agent }, state) =>
      note({ type: 'chat.approval_updated', subject: agent, body: { id, approval, state } }),
    position: (bot) => positionIn(journal.rows, bot),
    noteTaken: (bot, upTo) =>
      note({ type: 'chat.updates_taken', subject: '', body: { bot, upTo } }),
    noteIgnored: (bot, messages, people) =>
      note({ type: 'chat.messages_ignored', subject: '', body: { bot, messages, people } }),
    lastDigest: (device) => journal.rows.get<SentDigest>('chat_digest', device)?.day,
    noteDigest: (device, day) =>
      note({ type: 'chat.digest_sent', subject: '', body: { device, day } }),
  }
}

function messageId(chat: number, message: number): string {
  return `${chat}:${message}`
}
