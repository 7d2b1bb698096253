import { createInterface } from 'node:readline'
import { asFault } from '../../../base/fault.ts'
import { count, plain, span } from '../../../base/text.ts'
import { findFace } from '../../../commands/registry.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { Link } from '../../operator/link.ts'
import { Attention, callingOf } from '../attention.ts'
import { RULE_WORDS } from './rules.ts'
import { numbering } from './numbers.ts'
import type { ConsoleOptions } from '../main.tsx'
import { makeStore, type ConsoleStore } from '../store/store.ts'
import { startSync } from '../sync.ts'
import { eventText } from '../../text/events.ts'
import { loadTheme } from '../theme/load.ts'
import { makePainter } from '../theme/theme.ts'
import { agentLook, loose } from '../views/agents.ts'
import { HIGH_RISK, precedentText, whyText } from '../views/approvals.ts'
import { tableOf } from '../store/world.ts'

/** Whether plain lines are wanted instead of a screen: for screen readers, or any terminal that only prints. */
export function wantsLinear(env: NodeJS.ProcessEnv): boolean {
  return env['CLAWDECK_LINEAR'] === '1' || env['INK_SCREEN_READER'] === 'true'
}

/** The console as a conversation: what happens is said in whole lines, what is wanted is typed in words. */
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
    callingOf(options),
  )
  const told = new Set<string>()
  let met = false
  const sync = startSync(store, link, (frames) => {
    attention.seen(frames)
    const { world } = store.getState()
    if (!met && world.deck !== null) {
      met = true
      say(greeting(store))
    }
    for (const id of world.waiting)
      if (!told.has(id)) {
        told.add(id)
        const a = tableOf(world, 'approval').get(id)
        if (a !== undefined) say(`New. ${describe(store, a)}`)
      }
  })
  const unsubscribe = store.subscribe((s, before) => {
    if (s.world.line.state === 'lost' && before.world.line.state !== 'lost')
      say(`The line to the supervisor is lost: ${s.world.line.why}. Trying again by itself.`)
  })
  const lines = createInterface({ input: stdin, terminal: false })
  for await (const line of lines) {
    const [word = '', ...rest] = line.trim().split(/\s+/)
    if (word === 'quit' || word === 'q') break
    say(...(await answer(store, link, word, rest)))
  }
  unsubscribe()
  sync.stop()
  attention.close()
  lines.close()
}

type Words = (store: ConsoleStore, link: Link, rest: string[]) => Promise<string[]> | string[]

const WORDS: Record<string, [help: string, act: Words]> = {
  agents: [
    'every agent and what it does',
    (store) =>
      [...tableOf(store.getState().world, 'agent').values()].map(
        (a) =>
          `${a.name}, from ${a.template}: ${agentLook(a).word}${a.drift.length === 0 ? '' : `, ${a.drift.map((d) => d.what).join(' and ')} drifted`}${loose(a) === '' ? '' : `, ${loose(a)}`}.`,
      ),
  ],
  waiting: ['what waits for you', (store) => pending(store).map((a) => describe(store, a))],
  show: ['show <number>: all about one question', (store, _link, [n]) => details(store, n)],
  allow: [
    'allow <number>: say yes; at high risk add the word yes',
    (store, link, [n, sure]) => decide(store, link, 'allow', n, '', sure === 'yes'),
  ],
  deny: [
    'deny <number> [reason]: say no',
    (store, link, [n, ...reason]) => decide(store, link, 'deny', n, reason.join(' '), true),
  ],
  start: ['start <agent>', act('agent.start')],
  stop: ['stop <agent>', act('agent.stop')],
  restart: ['restart <agent>', act('agent.restart')],
  ...RULE_WORDS,
  events: [
    'the last ten events',
    (store) =>
      store
        .getState()
        .world.events.slice(-10)
        .map((e) => `${e.type}${e.subject === '' ? '' : `, ${e.subject}`}: ${eventText(e)}`),
  ],
}

async function answer(
  store: ConsoleStore,
  link: Link,
  word: string,
  rest: string[],
): Promise<string[]> {
  if (word === '') return []
  const known = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined
  if (known === undefined)
    return [
      'Words:',
      ...Object.entries(WORDS).map(([name, [help]]) => `  ${name}: ${help}`),
      '  quit: leave; agents stay governed',
    ]
  try {
    const lines = await known[1](store, link, rest)
    return lines.length === 0 ? ['Nothing.'] : lines
  } catch (thrown) {
    const fault = asFault(thrown)
    return [`It did not work: ${fault.message}. ${fault.hint ?? ''}`.trim()]
  }
}

function greeting(store: ConsoleStore): string {
  const { world } = store.getState()
  const up = [...tableOf(world, 'agent').values()].filter((a) => a.phase === 'up').length
  return `clawdeck. ${count(tableOf(world, 'agent').size, 'agent')}, ${up} up, ${world.waiting.length} waiting. ${world.deck?.backend.title ?? ''}. Type help for the words.`
}

function pending(store: ConsoleStore): Approval[] {
  const { world } = store.getState()
  return world.waiting
    .map((id) => tableOf(world, 'approval').get(id))
    .filter((a) => a !== undefined)
}

const { numberOf } = numbering()

function find(store: ConsoleStore, n: string | undefined): Approval | undefined {
  return pending(store).find((a) => String(numberOf(store, a.id)) === n)
}

function describe(store: ConsoleStore, a: Approval): string {
  return `Number ${numberOf(store, a.id)}: ${a.agent} asks ${plain(a.action.type)}: ${plain(a.action.target, 300)}. Risk ${a.risk.score}. ${span(a.expiresAt - Date.now())} left.`
}

function details(store: ConsoleStore, n: string | undefined): string[] {
  const a = find(store, n)
  return a === undefined
    ? [`No question number ${plain(n ?? '')} waits.`]
    : [
        describe(store, a),
        `Why: ${whyText(a)}.`,
        `Like this: ${precedentText(a, Date.now())}.`,
        ...(a.action.goal === '' ? [] : [`Goal: ${plain(a.action.goal)}.`]),
        ...(a.action.cwd === '' ? [] : [`In ${plain(a.action.cwd)}.`]),
      ]
}

async function decide(
  store: ConsoleStore,
  link: Link,
  verb: 'allow' | 'deny',
  n: string | undefined,
  note: string,
  sure: boolean,
): Promise<string[]> {
  const a = find(store, n)
  if (a === undefined) return [`No question number ${plain(n ?? '')} waits.`]
  if (verb === 'allow' && a.risk.score >= HIGH_RISK && !sure)
    return [`High risk, ${a.risk.score}: ${whyText(a)}. To allow it type: allow ${n ?? ''} yes`]
  await link.do(`approval.${verb}`, { id: a.id, ...(note === '' ? {} : { note }) })
  return [`${verb === 'allow' ? 'Allowed' : 'Denied'}: ${a.agent}, ${plain(a.action.target, 120)}.`]
}

function act(row: string): Words {
  return async (store, link, [agent = '']) => {
    const found = tableOf(store.getState().world, 'agent').get(agent)
    const why =
      found === undefined
        ? `there is no agent ${plain(agent)}`
        : findFace(row)?.unavailable?.(found as never)
    if (why !== undefined) return [`Not possible: ${why}.`]
    await link.do(row, { agent })
    return ['Done.']
  }
}
