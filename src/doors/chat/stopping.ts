import { count, plain } from '../../base/text.ts'
import type { Caller } from '../../commands/act.ts'
import { agentCan } from '../../domain/agents/rules.ts'
import type { Agent } from '../../domain/agents/types.ts'
import type { ChatMessage } from '../../ports/chat-bot.ts'
import { asFault } from '../../base/fault.ts'
import { button } from './buttons.ts'
import type { ChatOutbox } from './outbox.ts'

/** How long the second tap counts. */
const SURE_MS = 120_000
const MOST_BUTTONS = 20

interface StopParts {
  clock: { now(): number }
  execute(id: string, input: unknown, caller: Caller): unknown
}

/** Which agent to stop. */
export function stopMessage(agents: readonly Agent[]): ChatMessage {
  const running = stoppable(agents)
  if (running.length === 0) return { text: 'No agent is running.' }
  const each = running
    .slice(0, MOST_BUTTONS)
    .map(({ name }) => [button(`Stop ${name}`, { verb: 'stop', agent: name })])
  const all = button(`Stop all ${running.length}`, { verb: 'stop', agent: '*' })
  return {
    text: 'Stop which agent? Its pod ends, and what it asks is denied.',
    buttons: running.length === 1 ? each : [...each, [all]],
  }
}

/** The second question before agents are stopped. */
export function sureMessage(agent: string, now: number): ChatMessage {
  const what = agent === '*' ? 'all agents' : agent
  const at = Math.floor(now / 1000)
  return {
    text: `Stop ${what}? This ends what runs in ${agent === '*' ? 'their pods' : 'its pod'}.`,
    buttons: [[button(`Yes, stop ${what}`, { verb: 'sure', agent, at })]],
  }
}

/** Stops one agent or all, and replaces the question by what came of it. */
export async function stopAgents(
  { clock, execute }: StopParts,
  { agent, at, caller, outbox, message }: Sure,
): Promise<string> {
  if (clock.now() - at * 1000 > SURE_MS) return 'That question is too old: /freeze'
  const agents = (await execute('agent.list', {}, caller)) as Agent[]
  const chosen = stoppable(agents).filter(({ name }) => agent === '*' || name === agent)
  if (chosen.length === 0) return 'Nothing is running any more'
  const settled = await Promise.allSettled(
    chosen.map(async ({ name }) => execute('agent.stop', { agent: name }, caller)),
  )
  const failed = settled.flatMap((one) =>
    one.status === 'rejected' ? [one.reason as unknown] : [],
  )
  const done = `Stopping ${count(chosen.length - failed.length, 'agent')}`
  const why = failed.map((thrown) => plain(asFault(thrown).message, 200)).slice(0, 5)
  outbox.replace(message, { text: [done, ...why.map((one) => `Not done: ${one}`)].join('\n') })
  return failed.length === 0 ? done : `${done}; ${count(failed.length, 'failure')}`
}

interface Sure {
  agent: string
  at: number
  caller: Caller
  outbox: ChatOutbox
  message: number
}

function stoppable(agents: readonly Agent[]): Agent[] {
  return agents.filter((agent) => agentCan.stop(agent) === undefined)
}
