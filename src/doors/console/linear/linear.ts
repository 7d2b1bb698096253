import { createInterface } from 'node:readline'
import { count, plain } from '../../../base/text.ts'
import { findFace } from '../../../commands/registry.ts'
import type { Agent } from '../../../domain/agents/types.ts'
import type { Link } from '../../operator/link.ts'
import { eventText } from '../../text/events.ts'
import { faultText } from '../../text/faults.ts'
import { alertsOf, Attention, whoAsked } from '../attention.ts'
import type { ConsoleOptions } from '../options.ts'
import type { ConsoleStore } from '../store/state.ts'
import { makeStore } from '../store/store.ts'
import { tableOf } from '../store/world.ts'
import { startSync } from '../sync.ts'
import { watchMe } from '../looking.ts'
import { loadTheme } from '../theme/load.ts'
import { makePainter } from '../theme/theme.ts'
import { agentStatus, unenforcedText } from '../views/rows/agent-row.ts'
import { approvalCommands, approvalSentence } from './approvals.ts'
import type { LinearCommand, LinearCommands } from './command.ts'
import { ruleCommands } from './rules.ts'

/**
 * Whether to print lines instead of a screen: for screen readers, and terminals that only print.
 */
export function wantsLinear(env: NodeJS.ProcessEnv): boolean {
  return env['CLAWDECK_LINEAR'] === '1' || env['INK_SCREEN_READER'] === 'true'
}

/** The console in lines: it prints what happens, and the operator types commands. */
export async function runLinear(link: Link, options: ConsoleOptions): Promise<void> {
  const { stdin, stdout, demo } = options
  const store = makeStore({
    columns: 80,
    rows: 24,
    now: Date.now(),
    painter: makePainter(loadTheme('dark', ''), 'none'),
    demo,
  })
  const say = (...lines: string[]): void => {
    stdout.write(`${lines.map((text) => plain(text, 8192)).join('\n')}\n`)
  }
  const attention = new Attention(
    store,
    (bytes) => {
      stdout.write(bytes)
    },
    alertsOf({ ...options, who: whoAsked(() => link.do('operator.me')) }),
  )
  const announce = announcer(store, say)
  const sync = startSync(store, link, (frames) => {
    attention.seen(frames)
    announce()
  })
  const unsubscribe = store.subscribe(({ world: { connection } }, before) => {
    if (connection.state === 'lost' && before.world.connection.state !== 'lost')
      say(`Not connected to the supervisor: ${connection.why}. Reconnecting.`)
  })
  const unwatchMe = watchMe(store, link)
  const lines = createInterface({ input: stdin, terminal: false })
  for await (const line of lines) {
    const [word = '', ...rest] = line.trim().split(/\s+/)
    if (word === 'quit' || word === 'q') break
    const answer = await answerTo(word, (command) => command.run(store, link, rest))
    say(...answer)
  }
  unwatchMe()
  unsubscribe()
  sync.stop()
  attention.close()
  lines.close()
}

/** Says what the deck holds when it is first known, then each new approval. */
function announcer(store: ConsoleStore, say: (...lines: string[]) => void): () => void {
  const announced = new Set<string>()
  let greeted = false
  return () => {
    const { world } = store.getState()
    if (!greeted && world.deck !== null) {
      greeted = true
      say(greeting(store))
    }
    for (const id of world.waiting) {
      const approval = announced.has(id) ? undefined : tableOf(world, 'approval').get(id)
      announced.add(id)
      if (approval !== undefined) say(`New. ${approvalSentence(store, approval)}`)
    }
  }
}

function greeting(store: ConsoleStore): string {
  const { world } = store.getState()
  const agents = tableOf(world, 'agent')
  const up = [...agents.values()].filter((a) => a.phase === 'up').length
  return `clawdeck. ${count(agents.size, 'agent')}, ${up} up, ${world.waiting.length} waiting. ${world.deck?.backend.title ?? ''}. Type help for the commands.`
}

const COMMANDS: LinearCommands = {
  agents: {
    help: 'every agent and what it does',
    run: (store) => [...tableOf(store.getState().world, 'agent').values()].map(agentSentence),
  },
  ...approvalCommands,
  start: { help: 'start <agent>', run: onAgent('agent.start') },
  stop: { help: 'stop <agent>', run: onAgent('agent.stop') },
  restart: { help: 'restart <agent>', run: onAgent('agent.restart') },
  ...ruleCommands,
  events: {
    help: 'the last ten events',
    run: (store) =>
      store
        .getState()
        .world.events.slice(-10)
        .map((e) => `${e.type}${e.subject === '' ? '' : `, ${e.subject}`}: ${eventText(e)}`),
  },
}

async function answerTo(
  word: string,
  run: (command: LinearCommand) => Promise<string[]> | string[],
): Promise<string[]> {
  if (word === '') return []
  const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined
  if (command === undefined)
    return [
      'Commands:',
      ...Object.entries(COMMANDS).map(([name, { help }]) => `  ${name}: ${help}`),
      '  quit: leave; agents stay governed',
    ]
  try {
    const lines = await run(command)
    return lines.length === 0 ? ['None.'] : lines
  } catch (thrown) {
    return [`Failed: ${faultText(thrown)}`]
  }
}

function agentSentence(a: Agent): string {
  const parts = [
    agentStatus(a).word,
    a.drift.length === 0 ? '' : `${a.drift.map((d) => d.what).join(' and ')} drifted`,
    unenforcedText(a),
  ]
  return `${a.name}, from ${a.template}: ${parts.filter((part) => part !== '').join(', ')}.`
}

function onAgent(actId: string): LinearCommand['run'] {
  return async (store, link, [name = '']) => {
    const agent = tableOf(store.getState().world, 'agent').get(name)
    const why =
      agent === undefined
        ? `there is no agent ${plain(name)}`
        : findFace(actId)?.unavailable?.(agent as never)
    if (why !== undefined) return [`Not possible: ${why}.`]
    await link.do(actId, { agent: name })
    return ['Done.']
  }
}
