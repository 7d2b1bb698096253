import { Fault } from '../../base/fault.ts'
import type { PodFacts } from '../../ports/pods.ts'
import { ContainerAnswer, expect, ListAnswer, type Listed } from './answers.ts'
import { statusOf } from './client.ts'
import type { Engine } from './engine.ts'
import { AGENT_LABEL, HOME_LABEL, type Names } from './names.ts'

const RUNNING = new Set(['running', 'paused', 'stopping'])
const CREATED = new Set(['created', 'configured', 'initialized'])

/** Reads of this deck's containers, shared by every ability. */
export class Pods {
  readonly engine: Engine
  readonly names: Names

  constructor(engine: Engine, names: Names) {
    this.engine = engine
    this.names = names
  }

  path(agent: string, rest = ''): string {
    return `/libpod/containers/${encodeURIComponent(this.names.container(agent))}${rest}`
  }

  /** The engine's answer about an agent's container, or undefined when it has none. A stranger's container is not ours. */
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
        hint: `\`clawdeck start ${agent}\` makes one.`,
      })
    return found
  }

  /** The running container of an agent, with its first process. */
  async running(agent: string): Promise<ContainerAnswer> {
    const found = await this.get(agent)
    if (!RUNNING.has(found.State.Status) || found.State.Pid === 0) {
      throw new Fault('backend.failed', `The pod of ${agent} is not running`, {
        hint: `\`clawdeck start ${agent}\``,
      })
    }
    return found
  }

  async list(): Promise<Listed[]> {
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

export function listedFacts(found: Listed): PodFacts {
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

interface Raw {
  agent: string
  id: string
  state: string
  pid: number
  exitCode: number
  startedAt: number
  image: string
  labels: Record<string, string>
}

function facts(raw: Raw): PodFacts {
  const state = stateOf(raw.state)
  return {
    agent: raw.agent,
    id: raw.id,
    state,
    pid: state === 'running' && raw.pid > 0 ? raw.pid : undefined,
    startedAt: raw.startedAt > 0 ? raw.startedAt : undefined,
    exitCode: state === 'exited' ? raw.exitCode : undefined,
    imageDigest: digestOf(raw.image),
    labels: raw.labels,
  }
}

function stateOf(status: string): PodFacts['state'] {
  if (RUNNING.has(status)) return 'running'
  return CREATED.has(status) ? 'created' : 'exited'
}

/** An image id as the deck writes it: always with its algorithm. */
export function digestOf(id: string): string {
  return id === '' || id.startsWith('sha256:') ? id : `sha256:${id}`
}
