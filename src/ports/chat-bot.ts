/** A bot of a chat service, as far as the deck needs one. Private chats with people only. */
export interface ChatBot {
  /** Who the bot is. Rejects with `ChatRefusal`, as everything here does. */
  me(signal: AbortSignal): Promise<BotAccount>
  /**
   * What people did since `offset`, the oldest first: waits until there is something, or for a
   * while. Whatever is before `offset` is forgotten by the service.
   */
  updates(offset: number | undefined, signal: AbortSignal): Promise<ChatUpdate[]>
  send(chat: number, message: ChatMessage, signal: AbortSignal): Promise<SentMessage>
  /** Replaces a message. One that is the same already counts as replaced. */
  edit(chat: number, message: number, to: ChatMessage, signal: AbortSignal): Promise<void>
  /** Answers a tap, in at most 200 characters that are shown for a moment. */
  answer(tap: string, text: string, signal: AbortSignal): Promise<void>
}

export interface BotAccount {
  id: number
  /** Its public name, without `@`. */
  name: string
}

/** A message of plain text: nothing in it is markup. */
export interface ChatMessage {
  text: string
  /** Parts shown as they are, as a block: places in UTF-16 units. */
  blocks?: readonly { from: number; to: number }[]
  /** Rows of buttons below it. */
  buttons?: readonly (readonly ChatButton[])[]
  /** The message that it answers. */
  replyTo?: number
}

export interface ChatButton {
  label: string
  /** What a tap gives back, at most 64 bytes. It proves nothing. */
  data: string
}

export interface SentMessage {
  message: number
  /** The text as the service shows it. */
  text: string
}

/** Something that happened; `id` grows, and the service may tell it more than once. */
export type ChatUpdate = { id: number } & (ChatSaid | ChatTap | { kind: 'other' })

export interface ChatSaid {
  kind: 'said'
  from: ChatPerson
  message: number
  text: string
  /** The message of the bot that it answers. */
  replyTo: number | undefined
}

export interface ChatTap {
  kind: 'tap'
  tap: string
  from: ChatPerson
  /** The message whose button was tapped. */
  message: number
  data: string
  /** The text of what the message with the button answers. */
  repliedText: string | undefined
}

/** A person in a private chat with the bot; the chat has the same number. */
export interface ChatPerson {
  user: number
  /** What they call themselves: hostile text. */
  name: string
}
