import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { http } from '../../base/http.ts'
import type { Deck } from '../../commands/deck.ts'
import {
  DEMO_ADVICE,
  DEMO_ARCHIVED,
  DEMO_FLEET,
  DEMO_LESSON,
  DEMO_PAST,
  DEMO_POLICIES,
  type DemoAgent,
  type DemoPast,
  type Idea,
} from './script.ts'

/** How the demo makes its pods look alive. */
export interface DemoPods {
  log(agent: string, text: string): void
  usage(agent: string, usage: { cpuPercent: number; memoryBytes: number; pids: number }): void
  /** While a pod is paused, resolves when it is resumed. */
  whileHeld(agent: string): Promise<void> | undefined
}

/**
 * The demo's fleet: agents on the memory adapter that ask over their guard doors, as real ones do.
 * Operators' decisions are scripted, so they call the services and not acts: nobody confirms them.
 * Ends with `signal`.
 */
export async function runDemo(
  deck: Deck,
  pods: DemoPods,
  doorOf: (agent: string) => string,
  signal: AbortSignal,
): Promise<void> {
  for (const policy of DEMO_POLICIES) await deck.policy.add(policy, 'operator')
  for (const { name, template, starts } of DEMO_FLEET) {
    await deck.agents.create({ template, agent: name, backend: 'memory' }, 'operator')
    if (starts) await deck.agents.start(name, false, 'operator')
  }
  const connection = (agent: string): DemoConnection => ({ pods, door: doorOf(agent), signal })
  for (const past of DEMO_PAST) await replayPast(deck, past, connection(past.agent))
  await archiveRule(deck, connection(DEMO_ARCHIVED.agent))
  await importAdvice(deck)
  for (const [i, agent] of DEMO_FLEET.entries())
    if (agent.starts) void simulateAgent(agent, i, connection(agent.name))
  void simulateColleague(deck, signal)
}

/** Asks, decides and reports as the script of the past says, as often as it says. */
async function replayPast(
  deck: Deck,
  { question, allow, note, lease, rule, ends, times = 1 }: DemoPast,
  connection: DemoConnection,
): Promise<void> {
  for (let i = 0; i < times && !connection.signal.aborted; i++) {
    const answer = await request<GuardAnswer>(connection, 'POST', '/v1/ask', question)
    if (answer.pending && rule !== undefined)
      await deck.rules.propose({ approval: answer.id, ...rule }, 'operator')
    if (answer.pending && allow) await deck.approvals.allow(answer.id, { note, lease }, 'operator')
    if (answer.pending && !allow) await deck.approvals.deny(answer.id, { note }, 'operator')
    if (ends !== undefined)
      await request(connection, 'POST', `/v1/asks/${answer.id}/outcome`, {
        result: ends,
        exit_code: ends === 'success' ? 0 : 1,
      })
  }
}

/** Makes an archived rule. */
async function archiveRule(deck: Deck, connection: DemoConnection): Promise<void> {
  const before = new Set((await deck.rules.list({ limit: 100 })).map(({ id }) => id))
  await replayPast(deck, DEMO_ARCHIVED, connection)
  for (const { id } of await deck.rules.list({ limit: 100 }))
    if (!before.has(id)) await deck.rules.archive(id, 'linting runs in CI now', 'operator')
}

/** Imports the advice of a project, which makes a hint. */
async function importAdvice(deck: Deck): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'clawdeck-demo-'))
  try {
    const path = join(folder, 'project', 'AGENTS.md')
    await mkdir(dirname(path))
    await writeFile(path, DEMO_ADVICE)
    await deck.rules.import({ path }, 'operator')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const COLLEAGUE = 'operator:maya'

/** Another operator, who allows `DEMO_LESSON` some seconds after it was asked. */
async function simulateColleague(deck: Deck, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(6000, signal)
    const waiting = signal.aborted ? [] : await deck.approvals.list('pending', 50)
    const lesson = waiting.find(({ action }) => action.target === DEMO_LESSON.question['target'])
    if (lesson !== undefined)
      await deck.approvals
        .allow(lesson.id, { note: 'pulling is fine' }, COLLEAGUE)
        .catch(() => undefined)
  }
}

/** How a simulated agent reaches its pod and its guard door. */
interface DemoConnection {
  pods: DemoPods
  door: string
  signal: AbortSignal
}

/** Simulates one agent: it asks, acts, reports and begins again, in an order of its own. */
async function simulateAgent(
  { name, ideas, mebibytes, first }: DemoAgent,
  seed: number,
  connection: DemoConnection,
): Promise<void> {
  const random = mulberry(seed + 7)
  for (let turn = 0; !connection.signal.aborted; turn++) {
    const chosen = ideas[Math.floor(random() * ideas.length)] as Idea
    const idea = turn === 0 ? (first ?? chosen) : chosen
    await pause(turn === 0 ? seed * 700 : 2500 + random() * 9000, connection.signal)
    await connection.pods.whileHeld(name)
    connection.pods.usage(name, {
      cpuPercent: Math.round(random() * 40) / 4,
      memoryBytes: (mebibytes + random() * 40) * 1048576,
      pids: 3 + Math.floor(random() * 9),
    })
    connection.pods.log(name, idea.thought)
    await act(name, idea, random, connection).catch((error: unknown) =>
      connection.pods.log(name, `the guard could not be asked: ${String(error)}`),
    )
  }
}

interface GuardAnswer {
  id: string
  decision: string
  pending: boolean
  reasons: { text: string }[]
}

async function act(
  name: string,
  idea: Idea,
  random: () => number,
  connection: DemoConnection,
): Promise<void> {
  let answer = await request<GuardAnswer>(connection, 'POST', '/v1/ask?wait=30', idea.question)
  while (answer.pending && !connection.signal.aborted)
    answer = await request<GuardAnswer>(connection, 'GET', `/v1/asks/${answer.id}?wait=30`)
  const why = answer.reasons[0]?.text ?? ''
  if (answer.decision === 'block') {
    connection.pods.log(name, `denied: ${why}`)
    return
  }
  connection.pods.log(name, `allowed: ${why}`)
  await pause(300 + random() * 1500, connection.signal)
  const failed = random() < 0.1
  connection.pods.log(name, failed ? 'that failed; I will think again' : idea.done)
  await request(connection, 'POST', `/v1/asks/${answer.id}/outcome`, {
    result: failed ? 'failure' : 'success',
    exit_code: failed ? 1 : 0,
  })
}

function request<T>(
  connection: DemoConnection,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const sent = http().request(
      {
        socketPath: connection.door,
        method,
        path,
        headers: { 'content-type': 'application/json' },
        signal: connection.signal,
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => {
          try {
            resolve(JSON.parse(text) as T)
          } catch (error) {
            reject(error as Error)
          }
        })
      },
    )
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}

/** A small seeded generator (mulberry32): the demo is lively, and the same every time. */
function mulberry(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
