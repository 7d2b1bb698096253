/** Why a chat service did not do something. */
export class ChatRefusal extends Error {
  readonly kind: ChatRefusalKind
  /** With `flood`: how long to wait, in milliseconds. */
  readonly waitMs: number

  constructor(kind: ChatRefusalKind, message: string, options: ErrorOptions & { waitMs?: number }) {
    super(message, options)
    this.name = 'ChatRefusal'
    this.kind = kind
    this.waitMs = options.waitMs ?? 0
  }
}

/**
 * - `flood`: too much at once; try again after `waitMs`.
 * - `unreachable`: no answer, or a failure of the service; try again later.
 * - `token`: the token is not valid.
 * - `taken`: another program asks for the updates of this bot.
 * - `blocked`: the person does not want to hear from the bot, or the chat is gone.
 * - `invalid`: it cannot be done, now or later; for an edit, the message is gone.
 */
export type ChatRefusalKind = 'flood' | 'unreachable' | 'token' | 'taken' | 'blocked' | 'invalid'
