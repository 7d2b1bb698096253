import { asFault, Fault } from '../../base/fault.ts'
import type { PodFreezer } from '../../ports/pods.ts'
import { holdProcesses, isHeld, releaseProcesses } from '../held-processes.ts'
import { limiter } from '../limiter.ts'
import { namespaceOf, processesByNamespace } from '../proc.ts'
import type { ListedContainer } from './answers.ts'
import type { EngineFacts } from './engine.ts'
import { AGENT_LABEL } from './names.ts'
import { isRunning, PAUSED, type Pods } from './pods.ts'

/** More at once gain nothing: the engine starts its runtime for each. */
const MAX_PARALLEL = 8

type Running = ReadonlyMap<string, ListedContainer>

/**
 * Holds containers by the engine. Without a cgroup of their own, as with rootless Podman on cgroup
 * v1, it cannot do that: then all of their processes are stopped by a signal.
 */
export function podmanFreezer(pods: Pods): PodFreezer {
  return {
    async pause(agents) {
      const failed = new Map<string, Fault>()
      const running = await runningAmong(pods, agents, failed)
      const facts = await pods.engine.facts()
      const byEngine = hasFreezer(facts) ? await atEngine(pods, running, 'pause') : unpausable
      const left = new Map([...running].filter(([agent]) => byEngine(agent) !== undefined))
      if (facts.local)
        for (const agent of await holdAll(left))
          failed.set(agent, new Fault('backend.failed', `Processes of ${agent} do not stop`))
      else for (const agent of left.keys()) failed.set(agent, byEngine(agent) as Fault)
      return failed
    },
    async resume(agents) {
      const failed = new Map<string, Fault>()
      const running = await runningAmong(pods, agents, failed)
      const paused = new Map([...running].filter(([, { State }]) => State === PAUSED))
      const refused = await atEngine(pods, paused, 'unpause')
      for (const agent of paused.keys()) {
        const why = refused(agent)
        if (why !== undefined) failed.set(agent, why)
      }
      const held = [...running].filter(([agent, { Pid }]) => !paused.has(agent) && isHeld(Pid))
      if ((await pods.engine.facts()).local) releaseAll(new Map(held))
      return failed
    },
  }
}

/** Whether this engine gives containers a cgroup that can be frozen. */
function hasFreezer({ info: { host } }: EngineFacts): boolean {
  return !host.security.rootless || host.cgroupVersion === 'v2'
}

function unpausable(agent: string): Fault {
  return new Fault('backend.failed', `Podman cannot pause ${agent} here: it has no cgroup`)
}

/** Those of these agents whose container runs or is paused. The others are added to `failed`. */
async function runningAmong(
  pods: Pods,
  agents: readonly string[],
  failed: Map<string, Fault>,
): Promise<Running> {
  const listed = new Map((await pods.list()).map((found) => [found.Labels[AGENT_LABEL], found]))
  const running = new Map<string, ListedContainer>()
  for (const agent of agents) {
    const found = listed.get(agent)
    if (found === undefined) failed.set(agent, new Fault('not.found', `${agent} has no pod`))
    else if (isRunning(found.State)) running.set(agent, found)
    else failed.set(agent, new Fault('not.possible', `The pod of ${agent} is not running`))
  }
  return running
}

/** Asks the engine for each. Answers why one could not be done. */
async function atEngine(
  pods: Pods,
  running: Running,
  verb: 'pause' | 'unpause',
): Promise<(agent: string) => Fault | undefined> {
  const some = limiter(MAX_PARALLEL)
  const refused = new Map<string, Fault>()
  const isDone = ({ State }: ListedContainer) => (State === PAUSED) === (verb === 'pause')
  await Promise.all(
    [...running]
      .filter(([, found]) => !isDone(found))
      .map(([agent]) =>
        some(() => pods.engine.call('POST', pods.path(agent, `/${verb}`))).catch(
          (thrown: unknown) => void refused.set(agent, asFault(thrown)),
        ),
      ),
  )
  return (agent) => refused.get(agent)
}

function holdAll(running: Running): Promise<Set<string>> | Set<string> {
  if (running.size === 0) return new Set()
  const namespaces = namespacesOf(running)
  return holdProcesses(() => {
    const members = processesByNamespace(new Set(namespaces.values()))
    return new Map([...namespaces].map(([agent, own]) => [agent, members.get(own) ?? []]))
  })
}

function releaseAll(held: Running): void {
  if (held.size === 0) return
  const members = processesByNamespace(new Set(namespacesOf(held).values()))
  for (const pids of members.values()) releaseProcesses(pids)
}

function namespacesOf(running: Running): Map<string, string> {
  return new Map(
    [...running].flatMap(([agent, { Pid }]) => {
      const own = namespaceOf(Pid, 'pid')
      return own === undefined ? [] : [[agent, own]]
    }),
  )
}
