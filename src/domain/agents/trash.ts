import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import type { Home } from '../../config/home.ts'
import { readManifest } from '../templates/folder.ts'
import { agentCan } from './rules.ts'
import { placed, type AgentParts } from './lifecycle.ts'
import type { Agent, TrashedAgent } from './types.ts'

/** Putting agents away, and bringing them back as they were. */
export function trashService(
  parts: AgentParts,
  stop: (agent: string, actor: string) => Promise<Agent>,
) {
  const { home, journal, clock, reader, store } = parts
  const deletions = store.prepare<[string], { body: string }>(
    "SELECT body FROM event WHERE type = 'agent.deleted' AND subject = ? ORDER BY seq DESC LIMIT 20",
  )

  /** The lock that an agent had when it was put into the trash: what the journal says, not what lies there. */
  function deletedLock(trash: string, name: string): string {
    for (const { body } of deletions.all(name)) {
      const said = JSON.parse(body) as { trash: string; lock: string }
      if (said.trash === trash) return said.lock
    }
    return ''
  }

  return {
    async remove(name: string, force: boolean, actor: string): Promise<TrashedAgent> {
      const agent = reader.get(name)
      const running = agentCan.remove(agent)
      if (running !== undefined && !force)
        throw new Fault('not.possible', running, {
          hint: `clawdeck delete ${name} --force stops it first.`,
        })
      if (agentCan.stop(agent) === undefined) await stop(name, actor)
      return parts.alone(name, async () => {
        await parts
          .backend(agent.backend)
          .lifecycle.remove(name)
          .catch((thrown: unknown) => {
            if (!(thrown instanceof Fault) || thrown.code !== 'not.found') throw thrown
          })
        const deletedAt = clock.now()
        const path = join(home.trash, `${name}.${deletedAt}`)
        await journal.append(() => [
          ...parts.retire(name, actor),
          {
            type: 'agent.deleted',
            actor,
            subject: name,
            body: { trash: basename(path), lock: reader.get(name).lock },
          },
        ])
        await mkdir(home.trash, { recursive: true, mode: 0o700 })
        await rename(home.agent(name).root, path).catch(missing)
        return { name, template: agent.template, deletedAt, path }
      })
    },

    async restore(name: string, actor: string): Promise<Agent> {
      return parts.alone(name, async () => {
        if (journal.rows.get('agent', name) !== undefined)
          throw new Fault('name.taken', `there is an agent ${name} already`, {
            hint: 'Delete it first, then restore.',
          })
        const found = (await trashed(home)).find((t) => t.name === name)
        if (found === undefined)
          throw new Fault('not.found', `the trash holds no agent ${name}`, {
            hint: '`clawdeck trash` shows what can be restored.',
          })
        const lock = deletedLock(basename(found.path), name)
        await rm(home.agent(name).root, { recursive: true, force: true })
        await rename(found.path, home.agent(name).root)
        const { template, backend } = await readManifest(home.agent(name))
        await journal.append(() => [
          {
            type: 'agent.restored',
            actor,
            subject: name,
            body: { template, lock, ...placed(parts, backend) },
          },
        ])
        return reader.get(name)
      })
    },

    trash: () => trashed(home),
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
    return match === null
      ? []
      : [
          {
            name: match[1] as string,
            template: '',
            deletedAt: Number(match[2]),
            path: join(home.trash, entry),
          },
        ]
  })
  const there = await Promise.all(
    found.map(async (t) => ({
      t,
      is: (await stat(t.path).catch(() => undefined))?.isDirectory() ?? false,
    })),
  )
  return there
    .filter((x) => x.is)
    .map((x) => x.t)
    .toSorted((a, b) => b.deletedAt - a.deletedAt)
}
