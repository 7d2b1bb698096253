import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import type { Home } from '../../config/home.ts'
import type { BackendKind } from '../../ports/pods.ts'
import { readTemplate } from '../templates/catalog.ts'
import { createAgentFolder, readManifest } from '../templates/folder.ts'
import { hashOf, seal } from '../templates/lock.ts'
import { agentCan, unenforced } from './rules.ts'
import { agentNamed, digestOf, ready, runService, type AgentParts } from './run.ts'
import { putStraysAway } from './strays.ts'
import type { Agent, TrashedAgent } from './types.ts'

/** The life of agents: made, started, stopped, put away, brought back. Each wish is journalled before it is acted upon. */
export function agentService(parts: AgentParts) {
  const { home, journal, key, clock } = parts
  const run = runService(parts)
  const all = parts.store.prepare<[], { row: string }>('SELECT row FROM agent ORDER BY id')

  const get = (name: string) => agentNamed(journal, name)

  function placed(kind: BackendKind) {
    const report = parts.report(kind)
    return { backend: kind, isolation: report.isolation, unenforced: unenforced(report.enforces) }
  }

  return {
    async create(input: { template: string; agent: string; backend?: BackendKind | undefined }, actor: string): Promise<Agent> {
      const { template, text } = await readTemplate(parts.folders, input.template)
      const kind = input.backend ?? parts.preferred()
      ready(parts.report(kind))
      return parts.alone(input.agent, async () => {
        const folder = home.agent(input.agent)
        if (journal.rows.get('agent', input.agent) !== undefined) throw new Fault('name.taken', `there is already an agent ${input.agent}`, { hint: 'Choose another name, or delete that one first.' })
        const compiled = seal(template, { agent: input.agent, backend: kind, imageDigest: await digestOf(parts, template, kind), folder }, clock.now(), key)
        await createAgentFolder(folder, { name: input.agent, template: template.name, backend: kind, createdAt: new Date(clock.now()).toISOString() }, text, compiled)
        await journal.append(() => [{ type: 'agent.created', actor, subject: input.agent, body: { template: template.name, lock: hashOf(compiled.lock), ...placed(kind) } }])
        return get(input.agent)
      })
    },

    async list(): Promise<Agent[]> { return all.all().map(({ row }) => JSON.parse(row) as Agent) },
    async get(name: string): Promise<Agent> { return get(name) },
    start: run.start,
    stop: run.stop,
    restart: run.restart,

    async remove(name: string, force: boolean, actor: string): Promise<TrashedAgent> {
      const agent = get(name)
      const running = agentCan.remove(agent)
      if (running !== undefined && !force) throw new Fault('not.possible', running, { hint: `clawdeck delete ${name} --force stops it first.` })
      if (agentCan.stop(agent) === undefined) await run.stop(name, actor)
      return parts.alone(name, async () => {
        await parts.backend(agent.backend).lifecycle.remove(name).catch((thrown: unknown) => { if (!(thrown instanceof Fault) || thrown.code !== 'not.found') throw thrown })
        const deletedAt = clock.now()
        const path = join(home.trash, `${name}.${deletedAt}`)
        await journal.append(() => [{ type: 'agent.deleted', actor, subject: name, body: { trash: basename(path) } }])
        await mkdir(home.trash, { recursive: true, mode: 0o700 })
        await rename(home.agent(name).root, path).catch(missing)
        return { name, template: agent.template, deletedAt, path }
      })
    },

    async restore(name: string, actor: string): Promise<Agent> {
      return parts.alone(name, async () => {
        if (journal.rows.get('agent', name) !== undefined) throw new Fault('name.taken', `there is an agent ${name} already`, { hint: 'Delete it first, then restore.' })
        const found = (await trashed(home)).find((t) => t.name === name)
        if (found === undefined) throw new Fault('not.found', `the trash holds no agent ${name}`, { hint: '`clawdeck trash` shows what can be restored.' })
        await rm(home.agent(name).root, { recursive: true, force: true })
        await rename(found.path, home.agent(name).root)
        const { template, backend } = await readManifest(home.agent(name))
        await journal.append(() => [{ type: 'agent.restored', actor, subject: name, body: { template, ...placed(backend) } }])
        return get(name)
      })
    },

    trash: () => trashed(home),

    /** After a crash, before anything else: see `putStraysAway`. */
    putStraysAway: () => putStraysAway(home, new Set(all.all().map(({ row }) => (JSON.parse(row) as Agent).name)), clock.now()),
  }
}

function missing(thrown: unknown): void {
  if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown
}

/** Newest first. A trashed folder is `name.<time of deletion>`. */
async function trashed(home: Home): Promise<TrashedAgent[]> {
  const names = await readdir(home.trash).catch(() => [] as string[])
  const found = names.flatMap((entry) => {
    const match = /^([a-z][a-z0-9-]*)\.(\d+)$/.exec(entry)
    return match === null ? [] : [{ name: match[1] as string, template: '', deletedAt: Number(match[2]), path: join(home.trash, entry) }]
  })
  const there = await Promise.all(found.map(async (t) => ({ t, is: (await stat(t.path).catch(() => undefined))?.isDirectory() ?? false })))
  return there.filter((x) => x.is).map((x) => x.t).toSorted((a, b) => b.deletedAt - a.deletedAt)
}
