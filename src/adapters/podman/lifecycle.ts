import { lchownSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Fault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import type { PodFacts, PodLifecycle, PodSpec } from '../../ports/pods.ts'
import { type Limiter, limiter } from '../limiter.ts'
import { statusOf } from './client.ts'
import { factsOf, listedFacts, type Pods } from './pods.ts'
import { containerOf, podUser } from './spec.ts'
import { watchPods } from './watch.ts'

const MAX_PARALLEL_STARTS = 4
const SLOW_TIMEOUT_MS = 60_000
const MAX_CREATE_TRIES = 3
const MAX_REMOVE_TRIES = 8
/** Names become part of container names and API paths. */
const SAFE_NAME = /^[a-z0-9][a-z0-9_.-]{0,62}$/i

interface LifecycleOptions {
  /** Path of the seccomp profile for every pod. */
  seccomp: string
  /** Runs one creation at a time. */
  creating: Limiter
  log: (text: string) => void
}

/** Creation, start, stop and removal. */
export function podmanLifecycle(
  pods: Pods,
  { seccomp, creating, log }: LifecycleOptions,
): PodLifecycle {
  const starting = limiter(MAX_PARALLEL_STARTS)
  const inspect = async (agent: string): Promise<PodFacts | undefined> => {
    const found = await pods.find(agent)
    return found && seen(pods, factsOf(agent, found))
  }
  return {
    inspect,
    create: (spec) => creating(() => create(pods, spec, seccomp)),
    start: (agent) =>
      starting(async () => {
        await postToPod(pods, agent, '/start', SLOW_TIMEOUT_MS)
        return factsOf(agent, await pods.get(agent))
      }),
    async stop(agent, graceMs) {
      if ((await inspect(agent))?.paused === true) await kill(pods, agent)
      const seconds = Math.ceil(graceMs / 1000)
      await postToPod(pods, agent, `/stop?timeout=${seconds}`, graceMs + SLOW_TIMEOUT_MS)
    },
    async remove(agent) {
      if (await pods.find(agent)) await removeContainer(pods, agent)
    },
    async list() {
      const all = (await pods.list()).map(listedFacts).filter((facts) => facts.agent !== '')
      return Promise.all(all.map((facts) => seen(pods, facts)))
    },
    watch: (changed, signal) => watchPods(pods, changed, signal, log),
  }
}

/** Facts with what only /proc tells: whether its processes are stopped. */
async function seen(pods: Pods, facts: PodFacts): Promise<PodFacts> {
  const { state, pid, paused } = facts
  if (paused || pid === undefined) return facts
  return { ...facts, paused: await pods.isPaused(state, pid) }
}

/** Kills a paused pod, of which nothing may run any more. Resolves when it has ended. */
async function kill(pods: Pods, agent: string): Promise<void> {
  await postToPod(pods, agent, '/kill?signal=KILL', SLOW_TIMEOUT_MS)
  await postToPod(pods, agent, '/wait?condition=stopped&interval=10ms', SLOW_TIMEOUT_MS)
}

/**
 * Right after a pod ended, the engine's own clean-up may still use its mounts, so this tries
 * several times.
 */
async function removeContainer(pods: Pods, agent: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await pods.engine.call('DELETE', pods.path(agent, '?force=true&timeout=0&v=true'), {
        timeoutMs: SLOW_TIMEOUT_MS,
        repeat: true,
      })
      return
    } catch (thrown) {
      if (statusOf(thrown) === 404) return
      if (statusOf(thrown) === undefined || tries >= MAX_REMOVE_TRIES) throw thrown
      await pause(50 * tries)
    }
  }
}

async function create(pods: Pods, spec: PodSpec, seccomp: string): Promise<PodFacts> {
  if (!SAFE_NAME.test(spec.agent))
    throw new Fault('backend.failed', `“${plain(spec.agent, 40)}” is not a valid pod name`)
  const facts = await pods.engine.facts()
  const user = podUser(facts)
  if (facts.local) for (const mount of spec.mounts) changeOwner(mount.source, user.uid, user.gid)
  const body = containerOf(spec, facts, pods.names, seccomp)
  for (let tries = 1; ; tries++) {
    try {
      await pods.engine.call('POST', '/libpod/containers/create', {
        body,
        timeoutMs: SLOW_TIMEOUT_MS,
      })
      return factsOf(spec.agent, await pods.get(spec.agent))
    } catch (thrown) {
      const created = await createdAnyway(pods, spec, thrown)
      if (created) return created
      if (tries >= MAX_CREATE_TRIES || !(await canRetry(pods, spec.agent, thrown)))
        throw explained(thrown, spec)
    }
  }
}

/** The engine may have crashed after creating the pod and before answering. */
async function createdAnyway(
  pods: Pods,
  spec: PodSpec,
  thrown: unknown,
): Promise<PodFacts | undefined> {
  if (!(thrown instanceof Fault) || thrown.code !== 'backend.unavailable') return undefined
  const found = await pods.find(spec.agent).catch(() => undefined)
  const facts = found && factsOf(spec.agent, found)
  return facts?.state === 'created' &&
    Object.entries(spec.labels).every(([name, value]) => facts.labels[name] === value)
    ? facts
    : undefined
}

/** Whether another try may succeed. Frees a name that is used by what a crash left behind. */
async function canRetry(pods: Pods, agent: string, thrown: unknown): Promise<boolean> {
  if (!(thrown instanceof Fault)) return false
  // Podman sometimes refuses a valid id mapping.
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
  return new Fault('image.missing', `Podman does not have the image ${spec.image}`, {
    cause: thrown,
    hint: 'Build it with `clawdeck image build`.',
  })
}

/** Sends a request about an agent's pod. Fault `not.found` when there is none. */
async function postToPod(
  pods: Pods,
  agent: string,
  rest: string,
  timeoutMs: number,
): Promise<void> {
  try {
    await pods.engine.call('POST', pods.path(agent, rest), { timeoutMs, repeat: true })
  } catch (thrown) {
    if (statusOf(thrown) === 404) await pods.get(agent)
    throw thrown
  }
}

/**
 * When root runs the deck, mounted folders must belong to the pod's user to be accessible in the
 * pod.
 */
function changeOwner(folder: string, uid: number, gid: number): void {
  if (process.geteuid?.() !== 0) return
  const entry = lstatSync(folder, { throwIfNoEntry: false })
  if (!entry) throw new Fault('backend.failed', `The agent's folder ${folder} does not exist`)
  if (entry.uid !== uid || entry.gid !== gid) lchownSync(folder, uid, gid)
  if (entry.isDirectory())
    for (const name of readdirSync(folder)) changeOwner(join(folder, name), uid, gid)
}
