import { Fault } from '../../base/fault.ts'
import type { PodFacts } from '../../ports/pods.ts'
import { ContainerAnswer, expect, ListAnswer, type ListedContainer } from './answers.ts'
import { isHeld } from '../held-processes.ts'
import { statusOf } from './client.ts'
import type { PodmanEngine } from './engine.ts'
import { AGENT_LABEL, HOME_LABEL, type Names } from './names.ts'

/** How the engine says that it has paused a container. */
export const PAUSED = 'paused'
const RUNNING = new Set(['running', PAUSED, 'stopping'])
const CREATED = new Set(['created', 'configured', 'initialized'])

/** Access to this deck's containers, shared by all abilities. */
export class Pods {
  readonly engine: PodmanEngine
  readonly names: Names

  constructor(engine: PodmanEngine, names: Names) {
    this.engine = engine
    this.names = names
  }

  path(agent: string, rest = ''): string {
    return `/libpod/containers/${encodeURIComponent(this.names.container(agent))}${rest}`
  }

  /** An agent's container, or undefined when this deck has none for it. */
  async find(agent: string): Promise<ContainerAnswer | undefined> {
    try {
      const found = expect(
        ContainerAnswer,
        await this.engine.call('GET', this.path(agent, '/json')),
        `the pod of ${agent}`,
      )
      return found.Config.Labels?.[HOME_LABEL] === this.names.home ? found : undefined
    } catch (thrown) {
      if (statusOf(thrown) === 404) return undefined
      throw thrown
    }
  }

  async get(agent: string): Promise<ContainerAnswer> {
    const found = await this.find(agent)
    if (!found)
      throw new Fault('not.found', `${agent} has no pod`, {
        hint: `Create it with \`clawdeck start ${agent}\`.`,
      })
    return found
  }

  /** The running container of an agent, with its first process. */
  async running(agent: string): Promise<ContainerAnswer> {
    const found = await this.get(agent)
    if (!isRunning(found.State.Status) || found.State.Pid === 0) {
      throw new Fault('backend.failed', `The pod of ${agent} is not running`, {
        hint: `Run \`clawdeck start ${agent}\`.`,
      })
    }
    return found
  }

  /** The same, to run something in it. Fault `not.possible` while it is paused. */
  async entered(agent: string): Promise<ContainerAnswer> {
    const found = await this.running(agent)
    if (await this.isPaused(found.State.Status, found.State.Pid))
      throw new Fault('not.possible', `The pod of ${agent} is paused`, {
        hint: `Run \`clawdeck thaw ${agent}\`.`,
      })
    return found
  }

  /** Whether the engine has paused it or, where it cannot, all of its processes are stopped. */
  async isPaused(status: string, pid: number): Promise<boolean> {
    if (status === PAUSED) return true
    return status === 'running' && isHeld(pid) && (await this.engine.facts()).local
  }

  async list(): Promise<ListedContainer[]> {
    const filters = encodeURIComponent(
      JSON.stringify({ label: [`${HOME_LABEL}=${this.names.home}`] }),
    )
    return expect(
      ListAnswer,
      await this.engine.call('GET', `/libpod/containers/json?all=true&filters=${filters}`),
      'containers',
    )
  }
}

export function factsOf(agent: string, found: ContainerAnswer): PodFacts {
  return facts({
    agent,
    id: found.Id,
    state: found.State.Status,
    pid: found.State.Pid,
    exitCode: found.State.ExitCode,
    startedAt: Math.floor(Date.parse(found.State.StartedAt) / 1000) * 1000,
    image: found.Image,
    labels: found.Config.Labels ?? {},
  })
}

export function listedFacts(found: ListedContainer): PodFacts {
  return facts({
    agent: found.Labels[AGENT_LABEL] ?? '',
    id: found.Id,
    state: found.State,
    pid: found.Pid,
    exitCode: found.ExitCode,
    startedAt: found.StartedAt * 1000,
    image: found.ImageID,
    labels: found.Labels,
  })
}

interface RawFacts {
  agent: string
  id: string
  state: string
  pid: number
  exitCode: number
  startedAt: number
  image: string
  labels: Record<string, string>
}

function facts(raw: RawFacts): PodFacts {
  const state = stateOf(raw.state)
  return {
    agent: raw.agent,
    id: raw.id,
    state,
    paused: raw.state === PAUSED,
    pid: state === 'running' && raw.pid > 0 ? raw.pid : undefined,
    startedAt: raw.startedAt > 0 ? raw.startedAt : undefined,
    exitCode: state === 'exited' ? raw.exitCode : undefined,
    imageDigest: imageDigestOf(raw.image),
    labels: raw.labels,
  }
}

/** Whether a container of this state has processes. */
export function isRunning(status: string): boolean {
  return RUNNING.has(status)
}

function stateOf(status: string): PodFacts['state'] {
  if (isRunning(status)) return 'running'
  return CREATED.has(status) ? 'created' : 'exited'
}

/** An image id with its algorithm, as the deck writes it. */
export function imageDigestOf(id: string): string {
  return id === '' || id.startsWith('sha256:') ? id : `sha256:${id}`
}
