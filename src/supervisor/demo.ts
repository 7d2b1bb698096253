import { http } from '../base/http.ts'
import type { Deck } from '../commands/deck.ts'
import { DEMO_FLEET, DEMO_PAST, DEMO_POLICIES, type Idea } from './demo-script.ts'

/** How the demo makes its pods look alive. */
export interface DemoPods {
  log(agent: string, text: string): void
  usage(agent: string, usage: { cpuPercent: number; memoryBytes: number; pids: number }): void
}

/** The demo's fleet: agents on the memory adapter that ask over their guard doors, as real ones do. Ends with `signal`. */
export async function runDemo(deck: Deck, pods: DemoPods, doorOf: (agent: string) => string, signal: AbortSignal): Promise<void> {
  for (const policy of DEMO_POLICIES) await deck.policy.add(policy, 'operator')
  for (const { name, template, starts } of DEMO_FLEET) {
    await deck.agents.create({ template, agent: name, backend: 'memory' }, 'operator')
    if (starts) await deck.agents.start(name, false, 'operator')
  }
  for (const { agent, question, allow, note, lease } of DEMO_PAST) {
    const heard = await say<Heard>({ pods, door: doorOf(agent), signal }, 'POST', '/v1/ask', question)
    if (!heard.pending) continue
    if (allow) await deck.approvals.allow(heard.id, { note, lease }, 'operator')
    else await deck.approvals.deny(heard.id, { note }, 'operator')
  }
  for (const [i, { name, starts, ideas, mebibytes }] of DEMO_FLEET.entries()) {
    if (starts) void live(name, ideas, mebibytes, i, { pods, door: doorOf(name), signal })
  }
}

interface Life { pods: DemoPods; door: string; signal: AbortSignal }

/** One agent's days: think, ask, do what it was told, say so; ever again, in an order of its own. */
async function live(name: string, ideas: readonly Idea[], mebibytes: number, seed: number, life: Life): Promise<void> {
  const random = mulberry(seed + 7)
  for (let turn = 0; !life.signal.aborted; turn++) {
    const idea = ideas[Math.floor(random() * ideas.length)] as Idea
    await pause(turn === 0 ? seed * 700 : 2500 + random() * 9000, life.signal)
    life.pods.usage(name, { cpuPercent: Math.round(random() * 40) / 4, memoryBytes: (mebibytes + random() * 40) * 1048576, pids: 3 + Math.floor(random() * 9) })
    life.pods.log(name, idea.thought)
    await act(name, idea, random, life).catch((error: unknown) => life.pods.log(name, `the guard could not be asked: ${String(error)}`))
  }
}

interface Heard { id: string; decision: string; pending: boolean; reasons: { text: string }[] }

async function act(name: string, idea: Idea, random: () => number, life: Life): Promise<void> {
  let heard = await say<Heard>(life, 'POST', '/v1/ask?wait=30', idea.question)
  while (heard.pending && !life.signal.aborted) heard = await say<Heard>(life, 'GET', `/v1/asks/${heard.id}?wait=30`)
  const why = heard.reasons[0]?.text ?? ''
  if (heard.decision === 'block') { life.pods.log(name, `denied: ${why}`); return }
  life.pods.log(name, `allowed: ${why}`)
  await pause(300 + random() * 1500, life.signal)
  const failed = random() < 0.1
  life.pods.log(name, failed ? 'that failed; I will think again' : idea.done)
  await say(life, 'POST', `/v1/asks/${heard.id}/outcome`, { result: failed ? 'failure' : 'success', exit_code: failed ? 1 : 0 })
}

function say<T>(life: Life, method: string, path: string, body?: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const sent = http().request({ socketPath: life.door, method, path, headers: { 'content-type': 'application/json' }, signal: life.signal }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => { text += chunk })
      response.on('end', () => { try { resolve(JSON.parse(text) as T) } catch (error) { reject(error as Error) } })
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => { clearTimeout(timer); resolve() }, { once: true })
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
