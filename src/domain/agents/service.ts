import { Fault } from '../../base/fault.ts'
import type { BackendKind } from '../../ports/pods.ts'
import { readTemplate } from '../templates/catalog.ts'
import { createAgentFolder } from '../templates/folder.ts'
import { compileAndLock, hashOf } from '../templates/lock.ts'
import { digestOf, placed, ready, runService, type AgentParts } from './lifecycle.ts'
import { putStraysAway } from './strays.ts'
import { trashService } from './trash.ts'
import type { Agent } from './types.ts'

/** The life of agents: made, started, stopped, put away, brought back. Each wish is journalled before it is acted upon. */
export function agentService(parts: AgentParts) {
  const {
    home,
    journal,
    key,
    clock,
    reader: { get, list },
  } = parts
  const run = runService(parts)

  return {
    async create(
      input: { template: string; agent: string; backend?: BackendKind | undefined },
      actor: string,
    ): Promise<Agent> {
      const { template, text } = await readTemplate(parts.folders, input.template)
      const kind = input.backend ?? parts.preferred()
      ready(parts.report(kind))
      return parts.alone(input.agent, async () => {
        const folder = home.agent(input.agent)
        if (journal.rows.get('agent', input.agent) !== undefined)
          throw new Fault('name.taken', `there is already an agent ${input.agent}`, {
            hint: 'Choose another name, or delete that one first.',
          })
        const compiled = compileAndLock(
          template,
          {
            agent: input.agent,
            backend: kind,
            imageDigest: await digestOf(parts, template, kind),
            folder,
          },
          clock.now(),
          key,
        )
        await createAgentFolder(
          folder,
          {
            name: input.agent,
            template: template.name,
            backend: kind,
            createdAt: new Date(clock.now()).toISOString(),
          },
          text,
          compiled,
        )
        await journal.append(() => [
          {
            type: 'agent.created',
            actor,
            subject: input.agent,
            body: { template: template.name, lock: hashOf(compiled.lock), ...placed(parts, kind) },
          },
        ])
        return get(input.agent)
      })
    },

    async list(): Promise<Agent[]> {
      return list()
    },
    async get(name: string): Promise<Agent> {
      return get(name)
    },
    start: run.start,
    stop: run.stop,
    restart: run.restart,

    ...trashService(parts, run.stop),

    /** After a crash, before anything else: see `putStraysAway`. */
    putStraysAway: () => putStraysAway(home, new Set(list().map(({ name }) => name)), clock.now()),
  }
}
