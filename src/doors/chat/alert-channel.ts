import { Fault } from '../../base/fault.ts'
import type { Caller } from '../../commands/act.ts'
import type { Channel } from '../../domain/alerts/types.ts'
import type { PairedChat } from './chats.ts'
import type { ChatOutbox } from './outbox.ts'

interface AlertChannelParts {
  chats(): PairedChat[]
  callerOf(chat: PairedChat): Caller | undefined
  outboxOf(chat: PairedChat): Pick<ChatOutbox, 'say' | 'showAgain'>
}

/**
 * Tells an operator in their chats what is escalated to them, and shows the request once more below
 * that, with its buttons.
 */
export function chatAlertChannel({ chats, callerOf, outboxOf }: AlertChannelParts): Channel {
  const chatsOf = (operator: string) =>
    chats().filter((chat) => chat.device.operator === operator && callerOf(chat) !== undefined)
  return {
    name: 'telegram',
    reaches: (operator) => chatsOf(operator).length > 0,
    async deliver({ kind, text, question }, operator) {
      const told = chatsOf(operator).filter((chat) => {
        const agents = callerOf(chat)?.agents
        // That nobody is there is everybody's matter.
        const isForAll = agents === undefined || kind === 'absence'
        return isForAll || (question !== null && agents.has(question.agent))
      })
      if (told.length === 0)
        throw new Fault('not.possible', `no chat of ${operator} may hear of this`)
      const heading = kind === 'question' ? 'This is escalated to you: ' : ''
      const sent = told.map((chat) => {
        const outbox = outboxOf(chat)
        const { promise, resolve } = Promise.withResolvers<void>()
        outbox.say({ text: `${heading}${text}` }, async () => resolve())
        if (kind === 'question' && question !== null) outbox.showAgain(question.id)
        return promise
      })
      await Promise.any(sent)
    },
  }
}
