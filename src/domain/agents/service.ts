import { Fault } from '../../base/fault.ts'
import type { BackendKind } from '../../ports/pods.ts'
import { readTemplate } from '../templates/catalog.ts'
import { createAgentFolder } from '../templates/folder.ts'
import { hashOf, seal } from '../templates/lock.ts'
import { agentNamed, digestOf, placed, ready, runService, type AgentParts } from './run.ts'
import { putStraysAway } from './strays.ts'
import { trashService } from './trash.ts'
import type { Agent } from './types.ts'

/** The life of agents: made, started, stopped, put away, brought back. Each wish is journalled before it is acted upon. */
export function agentService(parts: AgentParts) {
  const { home, journal, key, clock } = parts
  const run = runService(parts)
  const all = parts.store.prepare<[], { row: string }>('SELECT row FROM agent ORDER BY id')
  const get = (name: string) => agentNamed(journal, name)

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
        const compiled = seal(
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
      return all.all().map(({ row }) => JSON.parse(row) as Agent)
    },
    async get(name: string): Promise<Agent> {
      return get(name)
    },
    start: run.start,
    stop: run.stop,
    restart: run.restart,

    ...trashService(parts, run.stop),

    /** After a crash, before anything else: see `putStraysAway`. */
    putStraysAway: () =>
      putStraysAway(
        home,
        new Set(all.all().map(({ row }) => (JSON.parse(row) as Agent).name)),
        clock.now(),
      ),
  }
}
