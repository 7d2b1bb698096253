import { Fault } from '../../base/fault.ts'
import type { BackendKind } from '../../ports/pods.ts'
import { readTemplate } from '../templates/catalog.ts'
import { createAgentFolder } from '../templates/folder.ts'
import { compileAndLock, hashOf } from '../templates/lock.ts'
import {
  agentLifecycle,
  digestOf,
  placementOn,
  requireReady,
  type AgentParts,
} from './lifecycle.ts'
import { podOutput } from './pod-output.ts'
import { agentTrash } from './trash.ts'
import type { Agent, AgentService } from './types.ts'
import { agentView, type AgentViewParts } from './view.ts'

/** The agents of the deck: what they are, and what can be done to them. */
export function agentService(parts: AgentParts & Pick<AgentViewParts, 'checkLock'>): AgentService {
  const { reader } = parts
  const lifecycle = agentLifecycle(parts)
  return {
    create: (input, actor) => createAgent(parts, input, actor),
    list: async () => reader.list(),
    get: async (name) => reader.get(name),
    ...lifecycle,
    ...agentTrash(parts, lifecycle.stop),
    ...agentView(parts),
    ...podOutput(parts),
  }
}

/** Compiles and signs an agent's lock, writes its folder, and journals it. */
async function createAgent(
  parts: AgentParts,
  input: { template: string; agent: string; backend?: BackendKind | undefined },
  actor: string,
): Promise<Agent> {
  const { home, journal, clock, key, reader } = parts
  const name = input.agent
  const { template, text } = await readTemplate(parts.folders, input.template)
  const backend = input.backend ?? parts.preferred()
  requireReady(parts.report(backend))
  return parts.exclusively(name, async () => {
    const folder = home.agent(name)
    if (journal.rows.get('agent', name) !== undefined) throw nameTaken(name)
    const imageDigest = await digestOf(parts, template, backend)
    const placement = { agent: name, backend, imageDigest, folder }
    const compiled = compileAndLock(template, placement, clock.now(), key)
    const createdAt = new Date(clock.now()).toISOString()
    const manifest = { name, template: template.name, backend, createdAt }
    await createAgentFolder(folder, manifest, text, compiled)
    await journal.append(() => [
      {
        type: 'agent.created',
        actor,
        subject: name,
        body: {
          template: template.name,
          lock: hashOf(compiled.lock),
          ...placementOn(parts, backend),
        },
      },
    ])
    return reader.get(name)
  })
}

function nameTaken(name: string): Fault {
  return new Fault('name.taken', `there is already an agent ${name}`, {
    hint: 'Choose another name, or delete that one first.',
  })
}
