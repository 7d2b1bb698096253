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
}

/**
 * The demo's fleet: agents on the memory adapter that ask over their guard doors, as real ones do.
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
  const life = (agent: string): Life => ({ pods, door: doorOf(agent), signal })
  for (const past of DEMO_PAST) await relive(deck, past, life(past.agent))
  await archive(deck, life(DEMO_ARCHIVED.agent))
  await advise(deck)
  for (const [i, agent] of DEMO_FLEET.entries())
    if (agent.starts) void live(agent, i, life(agent.name))
  void colleague(deck, signal)
}

/** Asks and answers as it was then: as often as it happened, with what the agent reported. */
async function relive(
  deck: Deck,
  { question, allow, note, lease, rule, ends, times = 1 }: DemoPast,
  life: Life,
): Promise<void> {
  for (let i = 0; i < times && !life.signal.aborted; i++) {
    const heard = await say<Heard>(life, 'POST', '/v1/ask', question)
    if (heard.pending && rule !== undefined)
      await deck.rules.propose({ approval: heard.id, ...rule }, 'operator')
    if (heard.pending && allow) await deck.approvals.allow(heard.id, { note, lease }, 'operator')
    if (heard.pending && !allow) await deck.approvals.deny(heard.id, { note }, 'operator')
    if (ends !== undefined)
      await say(life, 'POST', `/v1/asks/${heard.id}/outcome`, {
        result: ends,
        exit_code: ends === 'success' ? 0 : 1,
      })
  }
}

/** A rule that was learned and put away. */
async function archive(deck: Deck, life: Life): Promise<void> {
  const before = new Set((await deck.rules.list({ limit: 100 })).map(({ id }) => id))
  await relive(deck, DEMO_ARCHIVED, life)
  for (const { id } of await deck.rules.list({ limit: 100 }))
    if (!before.has(id)) await deck.rules.archive(id, 'nobody lints by hand any more', 'operator')
}

/** Reads in what a project says of itself, which makes a hint. */
async function advise(deck: Deck): Promise<void> {
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

/**
 * Someone else who decides one thing, a while after it was asked: the yes that confirms what was
 * learned, while one watches.
 */
async function colleague(deck: Deck, signal: AbortSignal): Promise<void> {
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

interface Life {
  pods: DemoPods
  door: string
  signal: AbortSignal
}

/**
 * One agent's days: think, ask, do what it was told, say so; ever again, in an order of its own.
 */
async function live(
  { name, ideas, mebibytes, first }: DemoAgent,
  seed: number,
  life: Life,
): Promise<void> {
  const random = mulberry(seed + 7)
  for (let turn = 0; !life.signal.aborted; turn++) {
    const chosen = ideas[Math.floor(random() * ideas.length)] as Idea
    const idea = turn === 0 ? (first ?? chosen) : chosen
    await pause(turn === 0 ? seed * 700 : 2500 + random() * 9000, life.signal)
    life.pods.usage(name, {
      cpuPercent: Math.round(random() * 40) / 4,
      memoryBytes: (mebibytes + random() * 40) * 1048576,
      pids: 3 + Math.floor(random() * 9),
    })
    life.pods.log(name, idea.thought)
    await act(name, idea, random, life).catch((error: unknown) =>
      life.pods.log(name, `the guard could not be asked: ${String(error)}`),
    )
  }
}

interface Heard {
  id: string
  decision: string
  pending: boolean
  reasons: { text: string }[]
}

async function act(name: string, idea: Idea, random: () => number, life: Life): Promise<void> {
  let heard = await say<Heard>(life, 'POST', '/v1/ask?wait=30', idea.question)
  while (heard.pending && !life.signal.aborted)
    heard = await say<Heard>(life, 'GET', `/v1/asks/${heard.id}?wait=30`)
  const why = heard.reasons[0]?.text ?? ''
  if (heard.decision === 'block') {
    life.pods.log(name, `denied: ${why}`)
    return
  }
  life.pods.log(name, `allowed: ${why}`)
  await pause(300 + random() * 1500, life.signal)
  const failed = random() < 0.1
  life.pods.log(name, failed ? 'that failed; I will think again' : idea.done)
  await say(life, 'POST', `/v1/asks/${heard.id}/outcome`, {
    result: failed ? 'failure' : 'success',
    exit_code: failed ? 1 : 0,
  })
}

function say<T>(life: Life, method: string, path: string, body?: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const sent = http().request(
      {
        socketPath: life.door,
        method,
        path,
        headers: { 'content-type': 'application/json' },
        signal: life.signal,
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
