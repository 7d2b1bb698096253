import { count, plain } from '../../base/text.ts'
import type { Caller } from '../../commands/act.ts'
import { agentCan } from '../../domain/agents/rules.ts'
import type { Agent } from '../../domain/agents/types.ts'
import type { ChatMessage } from '../../ports/chat-bot.ts'
import { asFault } from '../../base/fault.ts'
import { button, type AgentVerb } from './buttons.ts'
import type { ChatOutbox } from './outbox.ts'

/** How long the second tap counts. */
const SURE_MS = 120_000
const MOST_BUTTONS = 20

interface StopParts {
  clock: { now(): number }
  execute(id: string, input: unknown, caller: Caller): unknown
}

interface VerbWords {
  /** Why it is not possible for an agent, or nothing. */
  can: (agent: Agent) => string | undefined
  /** Where there is nothing to do it to. */
  none: string
  which: string
  /** On a button. */
  label: string
  /** What it means for those that it is done to. */
  sure: string
  doing: string
}

const WORDS: Readonly<Record<AgentVerb, VerbWords>> = {
  freeze: {
    can: agentCan.freeze,
    none: 'No agent is left to freeze.',
    which: 'Freeze which agent? Its pod is paused, and its questions are held.',
    label: 'Freeze',
    sure: '',
    doing: 'Frozen',
  },
  thaw: {
    can: agentCan.thaw,
    none: 'No agent is frozen.',
    which: 'Thaw which agent? It goes on where it was.',
    label: 'Thaw',
    sure: 'What was held goes on.',
    doing: 'Thawed',
  },
  stop: {
    can: agentCan.stop,
    none: 'No agent is running.',
    which: 'Stop which agent? Its pod ends, and what it asks is denied.',
    label: 'Stop',
    sure: 'This ends what runs in the pods.',
    doing: 'Stopped',
  },
}

/** Which agent to freeze, thaw or stop. */
export function whichMessage(verb: AgentVerb, agents: readonly Agent[]): ChatMessage {
  const { can, none, which, label } = WORDS[verb]
  const possible = agents.filter((agent) => can(agent) === undefined)
  if (possible.length === 0) return { text: none }
  const each = possible
    .slice(0, MOST_BUTTONS)
    .map(({ name }) => [button(`${label} ${name}`, { verb, agent: name })])
  const all = button(`${label} all ${possible.length}`, { verb, agent: '*' })
  return { text: which, buttons: possible.length === 1 ? each : [...each, [all]] }
}

/** The second question before agents are stopped or thawed. */
export function sureMessage(verb: 'stop' | 'thaw', agent: string, now: number): ChatMessage {
  const { label, sure } = WORDS[verb]
  const what = agent === '*' ? 'all agents' : agent
  const at = Math.floor(now / 1000)
  const yes = button(`Yes, ${label.toLowerCase()} ${what}`, { verb: `sure-${verb}`, agent, at })
  return { text: `${label} ${what}? ${sure}`, buttons: [[yes]] }
}

interface Chosen {
  verb: AgentVerb
  agent: string
  /** When the second question was asked, in seconds; undefined where there was none. */
  at?: number
  caller: Caller
  outbox: ChatOutbox
  message: number
}

/** Does it to one agent or all, and replaces the question by what came of it. */
export async function doToAgents(
  { clock, execute }: StopParts,
  { verb, agent, at, caller, outbox, message }: Chosen,
): Promise<string> {
  const { can, doing } = WORDS[verb]
  if (at !== undefined && clock.now() - at * 1000 > SURE_MS)
    return `That question is too old: /${verb}`
  const agents = (await execute('agent.list', {}, caller)) as Agent[]
  const chosen = agents.filter(
    (one) => can(one) === undefined && (agent === '*' || one.name === agent),
  )
  if (chosen.length === 0) return `Nothing is left to ${verb}`
  const settled = await Promise.allSettled(
    callsFor(verb, chosen, { isAll: agent === '*' && caller.agents === undefined }).map(
      async ([id, input]) => execute(id, input, caller),
    ),
  )
  const failed = settled.flatMap((one) =>
    one.status === 'rejected' ? [one.reason as unknown] : [],
  )
  const done = `${doing}: ${count(Math.max(0, chosen.length - failed.length), 'agent')}`
  const why = failed.map((thrown) => plain(asFault(thrown).message, 200)).slice(0, 5)
  outbox.replace(message, { text: [done, ...why.map((one) => `Not done: ${one}`)].join('\n') })
  return failed.length === 0 ? done : `${done}; ${count(failed.length, 'failure')}`
}

/** What is done to whom. Whoever may work with the whole deck freezes and thaws it as one. */
function callsFor(
  verb: AgentVerb,
  chosen: readonly Agent[],
  { isAll }: { isAll: boolean },
): [id: string, input: object][] {
  const each = (agents: readonly Agent[]): [string, object][] =>
    agents.map(({ name }) => [`agent.${verb}`, { agent: name }])
  if (!isAll || verb === 'stop') return each(chosen)
  if (verb === 'freeze') return [['fleet.freeze', {}]]
  const withFleet = chosen.filter(({ frozen }) => frozen?.withFleet === true)
  const alone = each(chosen.filter((agent) => !withFleet.includes(agent)))
  if (withFleet.length === 0) return alone
  return [...alone, ['fleet.thaw', { confirm: { count: String(withFleet.length) } }]]
}
