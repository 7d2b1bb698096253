import { count, plain } from '../../base/text.ts'
import type { Caller } from '../../commands/act.ts'
import type { Agent } from '../../domain/agents/types.ts'
import { frozenText } from '../../domain/agents/freezing/rules.ts'
import { seenDigest } from '../../domain/approvals/rules.ts'
import { waitText } from '../text/approvals.ts'
import type { Approval } from '../../domain/approvals/types.ts'
import type { ChatLog } from '../../domain/chats/types.ts'
import { RIGHTS } from '../../domain/operators/rules.ts'
import type { ChatMessage, ChatSaid } from '../../ports/chat-bot.ts'
import { button } from './buttons.ts'
import { whichMessage } from './stopping.ts'
import { HELP } from './words.ts'

interface SaidParts {
  log: ChatLog
  clock: { now(): number }
  execute(id: string, input: unknown, caller: Caller): unknown
}

const MOST_LISTED = 20

/** The answer to what a paired person wrote; undefined for none. */
export async function answerSaid(
  parts: SaidParts,
  said: ChatSaid,
  caller: Caller,
): Promise<ChatMessage> {
  const command = /^\/([a-z]+)(?:@\w+)?(?:\s|$)/.exec(said.text)?.[1]
  if (command === undefined && said.replyTo !== undefined) return reasonFor(parts, said, caller)
  switch (command) {
    case 'agents':
      return agentsMessage(await agentsOf(parts, caller))
    case 'approvals':
      return approvalsMessage(await pendingOf(parts, caller), parts.clock.now())
    case 'freeze':
    case 'thaw':
    case 'stop':
      return whichMessage(command, await agentsOf(parts, caller))
    default:
      return { text: HELP }
  }
}

/** Offers to decide with what was replied to an approval. */
async function reasonFor(
  { log, execute }: SaidParts,
  { from, replyTo, text, message }: ChatSaid,
  caller: Caller,
): Promise<ChatMessage> {
  const shown = log.byMessage(from.user, replyTo ?? 0)
  if (shown === undefined) return { text: HELP }
  const a = (await execute('approval.get', { id: shown.approval }, caller)) as Approval
  if (a.state !== 'pending' || text.trim() === '')
    return { text: `It was decided already.`, replyTo: message }
  if (!RIGHTS[caller.role].has('decide'))
    return { text: 'You can see requests and not decide them.', replyTo: message }
  const named = { approval: a.id, digest: seenDigest([a]) }
  return {
    text: `${a.agent} asks: ${plain(a.action.target, 200)}\nDecide with your reason? The agent is told it.`,
    replyTo: message,
    buttons: [
      [
        ...(shown.whole ? [button('Allow', { verb: 'allow', ...named })] : []),
        button('Deny', { verb: 'deny', ...named }),
      ],
    ],
  }
}

function agentsMessage(agents: readonly Agent[]): ChatMessage {
  if (agents.length === 0) return { text: 'There are no agents.' }
  const lines = agents.slice(0, MOST_LISTED).map((a) => {
    const asks = a.asking === 0 ? '' : ` · ${count(a.asking, 'request')} waiting`
    const frozen = a.frozen === undefined ? '' : ` · ${frozenText(a.frozen)}`
    return `${a.name}: ${a.phase}${frozen}${asks}`
  })
  return { text: [...lines, ...more(agents.length)].join('\n') }
}

function approvalsMessage(pending: readonly Approval[], now: number): ChatMessage {
  if (pending.length === 0) return { text: 'Nothing waits for a decision.' }
  const listed = pending.slice(0, MOST_LISTED)
  const lines = listed.map(
    (a, i) =>
      `${i + 1}. risk ${a.risk.score} · ${a.agent} · ${plain(a.action.target, 80)} · ${waitText(a, now)}`,
  )
  return {
    text: [...lines, ...more(pending.length)].join('\n'),
    buttons: listed.map((a, i) => [
      button(`Show ${i + 1}: ${a.agent}`, { verb: 'show', approval: a.id }),
    ]),
  }
}

function more(total: number): string[] {
  return total > MOST_LISTED ? [`and ${total - MOST_LISTED} more, in the console`] : []
}

function agentsOf({ execute }: SaidParts, caller: Caller): Promise<Agent[]> {
  return execute('agent.list', {}, caller) as Promise<Agent[]>
}

function pendingOf({ execute }: SaidParts, caller: Caller): Promise<Approval[]> {
  return execute('approval.list', { state: 'pending' }, caller) as Promise<Approval[]>
}
