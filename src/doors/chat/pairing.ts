import type { Caller } from '../../commands/act.ts'
import { isToken } from '../../domain/operators/pairing/rules.ts'
import type { PairingRow } from '../../domain/operators/pairing/types.ts'
import type { ChatMessage, ChatPerson } from '../../ports/chat-bot.ts'
import type { PairedAccounts } from './chats.ts'
import { HELP } from './words.ts'

/** As a deep link hands it on. */
const START = /^\/start (\S{1,64})$/

interface Parts {
  accounts: PairedAccounts
  execute(id: string, input: unknown, caller: Caller): unknown
  /** Sends to somebody who is not paired yet, once, if it works. */
  send(chat: number, message: ChatMessage): Promise<void>
  gone: AbortSignal
}

/**
 * Takes an offer for whoever opened its link in the chat, and tells them what became of it. False
 * if it was none: then they are told nothing. While nothing is offered, no token is looked at.
 */
export async function takeOffer(
  parts: Parts,
  { from, text }: { from: ChatPerson; text: string },
): Promise<boolean> {
  const token = START.exec(text)?.[1]
  if (token === undefined || !isToken(token) || !parts.accounts.isOffered('telegram')) return false
  const caller: Caller = {
    actor: `guest:${from.user}/telegram`,
    door: 'telegram',
    role: 'chat',
    signal: parts.gone,
  }
  let pairing: PairingRow
  try {
    const input = { token, person: from.name || String(from.user), user: from.user }
    pairing = (await parts.execute('access.vouch', input, caller)) as PairingRow
  } catch {
    // It was written down as a wrong token. Whoever guesses learns nothing from an answer.
    return false
  }
  const { id, presented } = pairing
  await parts.send(from.user, {
    text: `Your code is ${presented?.code}.\nSomebody at the deck compares it and confirms. Wait here.`,
  })
  void tellOutcome(parts, { id, token, user: from.user, caller })
  return true
}

interface Taken {
  id: string
  token: string
  user: number
  caller: Caller
}

async function tellOutcome(parts: Parts, { id, token, user, caller }: Taken): Promise<void> {
  let last: PairingRow['state'] | undefined
  const states = parts.execute('access.await', { id, token }, caller) as AsyncIterable<PairingRow>
  for await (const { state } of states) last = state
  if (parts.gone.aborted) return
  await parts.send(user, {
    text: last === 'confirmed' ? `You are paired.\n\n${HELP}` : 'You were not paired.',
  })
}
