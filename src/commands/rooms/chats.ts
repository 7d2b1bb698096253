import * as z from 'zod'
import { chatBotNoun, chatDigestNoun, chatMessageNoun } from '../../domain/chats/noun.ts'
import { act } from '../act.ts'
import { grouped, screenFace } from '../face.ts'
import { Nothing } from '../inputs.ts'
import type { Room } from '../room.ts'

/** The bot through which people decide in a chat. */
export const chatsRoom: Room = {
  nouns: [chatMessageNoun, chatBotNoun, chatDigestNoun],
  commands: grouped('Deck', [
    act({
      id: 'chat.connect',
      needs: 'own',
      // Its input is a secret, which is written down nowhere.
      audit: 'own',
      input: () => z.strictObject({ token: z.string().min(1).max(200) }),
      run: (deck, { token }, { actor }) => deck.chat.connect(token, actor),
    }),
    act({
      id: 'chat.disconnect',
      needs: 'own',
      audit: 'own',
      input: () => Nothing,
      run: (deck, _input, { actor }) => deck.chat.disconnect(actor),
    }),
    screenFace('access.bot', {
      title: 'Set the bot',
      about: 'deck',
      help: 'Set the bot through which people decide in a chat. Its token is read from stdin, or asked for.',
      cli: 'access bot <kind>',
      flags: { remove: { about: 'forget the token instead' } },
      example: 'clawdeck access bot telegram',
      input: () =>
        z.strictObject({ kind: z.enum(['telegram']), remove: z.boolean().default(false) }),
      inCli: 'chat-bot',
    }),
  ]),
}
