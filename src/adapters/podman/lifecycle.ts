import { lchownSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Fault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import type { PodFacts, PodLifecycle, PodSpec } from '../../ports/pods.ts'
import { type Gate, gate } from '../limit.ts'
import { statusOf } from './client.ts'
import { factsOf, listedFacts, type Pods } from './pods.ts'
import { containerOf, podUser } from './spec.ts'
import { watchPods } from './watch.ts'

const STARTS_AT_ONCE = 4
const SLOW = 60_000
const TRIES = 3
const REMOVALS = 8
/** Names go into container names and paths of the API: letters, digits and inner dots and dashes, nothing else. */
const SAFE_NAME = /^[a-z0-9][a-z0-9_.-]{0,62}$/i

export interface LifecycleParts {
  /** The profile file that every pod gets. */
  seccomp: string
  /** Lets one create through at a time. */
  creating: Gate
  log: (text: string) => void
}

/** Creation, start, stop and removal. */
export function podmanLifecycle(
  pods: Pods,
  { seccomp, creating, log }: LifecycleParts,
): PodLifecycle {
  const starting = gate(STARTS_AT_ONCE)
  const inspect = async (agent: string): Promise<PodFacts | undefined> => {
    const found = await pods.find(agent)
    return found && factsOf(agent, found)
  }
  return {
    inspect,
    create: (spec) => creating(() => create(pods, spec, seccomp)),
    start: (agent) =>
      starting(async () => {
        await found(
          pods,
          agent,
          pods.engine.call('POST', pods.path(agent, '/start'), { timeoutMs: SLOW, repeat: true }),
        )
        return factsOf(agent, await pods.get(agent))
      }),
    async stop(agent, graceMs) {
      const seconds = Math.ceil(graceMs / 1000)
      await found(
        pods,
        agent,
        pods.engine.call('POST', pods.path(agent, `/stop?timeout=${seconds}`), {
          timeoutMs: graceMs + SLOW,
          repeat: true,
        }),
      )
    },
    async remove(agent) {
      if (await pods.find(agent)) await removeContainer(pods, agent)
    },
    async list() {
      return (await pods.list()).map(listedFacts).filter((facts) => facts.agent !== '')
    },
    watch: (changed, signal) => watchPods(pods, changed, signal, log),
  }
}

/** Right after an end the engine's own clean-up may still hold the pod's mounts: busy is no answer, ask again. */
async function removeContainer(pods: Pods, agent: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await pods.engine.call('DELETE', pods.path(agent, '?force=true&timeout=0&v=true'), {
        timeoutMs: SLOW,
        repeat: true,
      })
      return
    } catch (thrown) {
      if (statusOf(thrown) === 404) return
      if (statusOf(thrown) === undefined || tries >= REMOVALS) throw thrown
      await pause(50 * tries)
    }
  }
}

async function create(pods: Pods, spec: PodSpec, seccomp: string): Promise<PodFacts> {
  if (!SAFE_NAME.test(spec.agent))
    throw new Fault('backend.failed', `“${plain(spec.agent, 40)}” cannot be the name of a pod`)
  const facts = await pods.engine.facts()
  const user = podUser(facts)
  if (facts.local) for (const mount of spec.mounts) handOver(mount.source, user.uid, user.gid)
  const body = containerOf(spec, facts, pods.names, seccomp)
  for (let tries = 1; ; tries++) {
    try {
      await pods.engine.call('POST', '/libpod/containers/create', { body, timeoutMs: SLOW })
      return factsOf(spec.agent, await pods.get(spec.agent))
    } catch (thrown) {
      const made = await madeAnyway(pods, spec, thrown)
      if (made) return made
      if (tries >= TRIES || !(await curable(pods, spec.agent, thrown)))
        throw explained(thrown, spec)
    }
  }
}

/** The engine may have died after the work and before the answer. */
async function madeAnyway(
  pods: Pods,
  spec: PodSpec,
  thrown: unknown,
): Promise<PodFacts | undefined> {
  if (!(thrown instanceof Fault) || thrown.code !== 'backend.unavailable') return undefined
  const made = await pods.find(spec.agent).catch(() => undefined)
  const facts = made && factsOf(spec.agent, made)
  return facts?.state === 'created' &&
    Object.entries(spec.labels).every(([name, value]) => facts.labels[name] === value)
    ? facts
    : undefined
}

/** A name held by an orphan of a crash is freed; a spurious refusal of the id mapping is worth another try. */
async function curable(pods: Pods, agent: string, thrown: unknown): Promise<boolean> {
  if (!(thrown instanceof Fault)) return false
  if (/requires additional UIDs|additional GIDs/i.test(thrown.message)) return true
  const taken = /already in use/i.test(thrown.message)
  if (thrown.code === 'backend.unavailable')
    return pods.engine.client().then(
      () => true,
      () => false,
    )
  if (!taken || (await pods.find(agent))) return false
  await removeContainer(pods, agent).catch(() => undefined)
  return true
}

function explained(thrown: unknown, spec: PodSpec): unknown {
  if (!(thrown instanceof Fault)) return thrown
  if (/already in use/i.test(thrown.message)) {
    return new Fault('backend.failed', `${spec.agent} already has a pod`, {
      cause: thrown,
      hint: 'Remove it first.',
    })
  }
  if (thrown.code !== 'not.found' && !/no such image|image not known/i.test(thrown.message))
    return thrown
  return new Fault('image.missing', `The image ${spec.image} is not on this engine`, {
    cause: thrown,
    hint: '`clawdeck image build` makes it; `clawdeck doctor` checks it.',
  })
}

async function found(pods: Pods, agent: string, asked: Promise<unknown>): Promise<void> {
  try {
    await asked
  } catch (thrown) {
    if (statusOf(thrown) === 404) await pods.get(agent)
    throw thrown
  }
}

/** Run by root for another account (or for a mapped user), the deck gives the pod's user what is mounted: to write, or only to read. */
function handOver(folder: string, uid: number, gid: number): void {
  if (process.geteuid?.() !== 0) return
  const entry = lstatSync(folder, { throwIfNoEntry: false })
  if (!entry) throw new Fault('backend.failed', `The folder ${folder} of the agent is missing`)
  if (entry.uid !== uid || entry.gid !== gid) lchownSync(folder, uid, gid)
  if (entry.isDirectory())
    for (const name of readdirSync(folder)) handOver(join(folder, name), uid, gid)
}
