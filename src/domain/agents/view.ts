import type { Home } from '../../config/home.ts'
import type { HostKey } from '../../base/signing.ts'
import { Fault } from '../../base/fault.ts'
import type { Backend, BackendKind, PodUsage } from '../../ports/pods.ts'
import type { Journal } from '../../journal/journal.ts'
import { verifyFolder } from '../templates/drift.ts'
import { hashOf } from '../templates/lock.ts'
import type { Compiled, Drift } from '../templates/types.ts'
import { agentCan } from './rules.ts'
import type { AgentReader } from './read.ts'
import type { Agent, AgentInspection } from './types.ts'

export interface AgentViewParts {
  home: Home
  journal: Journal
  key: HostKey
  backend: (kind: BackendKind) => Backend
  reader: AgentReader
}

/** Looking at agents, and into their pods. */
export function agentView({ home, journal, key, backend, reader: { list, get } }: AgentViewParts) {
  /** Holds what lies in an agent's folder against its lock. */
  async function held(agent: Agent): Promise<{ drift: Drift[]; compiled?: Compiled }> {
    const { images } = backend(agent.backend)
    const digestOf = async (image: string) => (images === undefined ? '' : images.digest(image))
    return withKnownLock(
      agent,
      await verifyFolder(home.agent(agent.name), agent.name, digestOf, key),
    )
  }

  async function running(name: string): Promise<Agent> {
    const agent = get(name)
    const cannot = agentCan.attach(agent)
    if (cannot !== undefined) throw new Fault('not.possible', cannot)
    return agent
  }

  async function usage(agents: readonly Agent[]): Promise<Record<string, PodUsage>> {
    const all: Record<string, PodUsage> = {}
    for (const kind of new Set(agents.map((a) => a.backend))) {
      const names = agents.filter((a) => a.backend === kind && a.phase === 'up').map((a) => a.name)
      if (names.length > 0)
        Object.assign(all, Object.fromEntries(await backend(kind).stats.read(names)))
    }
    return all
  }

  return {
    held,
    usage,
    async stats() {
      return usage(list())
    },

    async inspect(name: string): Promise<AgentInspection> {
      const agent = get(name)
      const [pod, { compiled }, used] = await Promise.all([
        backend(agent.backend).lifecycle.inspect(name),
        held(agent),
        usage([agent]),
      ])
      return {
        agent,
        pod: pod ?? null,
        spec: compiled?.spec ?? null,
        lock: compiled?.lock ?? null,
        usage: used[name] ?? null,
        folder: home.agent(name).root,
      }
    },

    async *logs(name: string, options: { tail: number; follow: boolean; signal: AbortSignal }) {
      const agent = get(name)
      yield* backend(agent.backend).logs.read(name, options)
    },

    async *exec(
      name: string,
      argv: string[],
      actor: string,
      signal: AbortSignal,
      stdin?: Uint8Array,
    ): AsyncGenerator<{ stream: 'stdout' | 'stderr'; base64: string } | { exitCode: number }> {
      const agent = await running(name)
      await journal.append(() => [
        { type: 'agent.command_run', actor, subject: name, body: { argv } },
      ])
      for await (const chunk of backend(agent.backend).exec.run(name, argv, {
        signal,
        ...(stdin === undefined ? {} : { stdin }),
      })) {
        yield 'exitCode' in chunk
          ? chunk
          : {
              stream: chunk.stream,
              base64: Buffer.from(
                chunk.data.buffer,
                chunk.data.byteOffset,
                chunk.data.byteLength,
              ).toString('base64'),
            }
      }
    },
  }
}

/** An older lock is as well signed as today's: only the one that the journal knows counts. */
function withKnownLock(
  agent: Agent,
  found: { drift: Drift[]; compiled?: Compiled },
): { drift: Drift[]; compiled?: Compiled } {
  if (found.compiled === undefined) return found
  const hash = hashOf(found.compiled.lock)
  return hash === agent.lock || found.drift.some((d) => d.what === 'signature' || d.what === 'key')
    ? found
    : {
        ...found,
        drift: [
          ...found.drift,
          {
            what: 'lock',
            from: agent.lock.slice(0, 16),
            to: `${hash.slice(0, 16)}, which the journal does not know`,
          },
        ],
      }
}
