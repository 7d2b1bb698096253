import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { errno, Fault } from '../../base/fault.ts'
import type { Home } from '../../config/home.ts'
import { readManifest } from '../templates/folder.ts'
import { placementOn, type AgentParts } from './lifecycle.ts'
import { agentCan } from './rules.ts'
import type { Agent, AgentService, TrashedAgent } from './types.ts'

/** Moves agents to the trash, and restores them from there. */
export function agentTrash(
  parts: AgentParts,
  stop: AgentService['stop'],
): Pick<AgentService, 'remove' | 'restore' | 'trash'> {
  const { home, reader, store } = parts
  const deletions = store.prepare<[string], { body: string }>(
    "SELECT body FROM event WHERE type = 'agent.deleted' AND subject = ? ORDER BY seq DESC LIMIT 20",
  )

  /** The lock that an agent had when it was deleted, from the journal and not from its folder. */
  function deletedLock(trash: string, name: string): string {
    for (const { body } of deletions.all(name)) {
      const deletion = JSON.parse(body) as { trash: string; lock: string }
      if (deletion.trash === trash) return deletion.lock
    }
    return ''
  }

  return {
    async remove(name, force, actor) {
      const agent = reader.get(name)
      const reason = agentCan.remove(agent)
      if (reason !== undefined && !force)
        throw new Fault('not.possible', reason, {
          hint: `clawdeck delete ${name} --force stops it first.`,
        })
      if (agentCan.stop(agent) === undefined) await stop(name, actor)
      return parts.exclusively(name, () => moveToTrash(parts, agent, actor))
    },

    restore: (name, actor) =>
      parts.exclusively(name, () => restoreAgent(parts, name, { actor, deletedLock })),

    trash: () => readTrash(home),
  }
}

async function moveToTrash(
  { home, journal, clock, reader, backend, retire }: AgentParts,
  { name, template, backend: kind }: Agent,
  actor: string,
): Promise<TrashedAgent> {
  await backend(kind)
    .lifecycle.remove(name)
    .catch((thrown: unknown) => {
      if (!(thrown instanceof Fault) || thrown.code !== 'not.found') throw thrown
    })
  const deletedAt = clock.now()
  const path = join(home.trash, `${name}.${deletedAt}`)
  await journal.append(() => [
    ...retire(name, actor),
    {
      type: 'agent.deleted',
      actor,
      subject: name,
      body: { trash: basename(path), lock: reader.get(name).lock },
    },
  ])
  await mkdir(home.trash, { recursive: true, mode: 0o700 })
  await rename(home.agent(name).root, path).catch((thrown: unknown) => {
    if (errno(thrown) !== 'ENOENT') throw thrown
  })
  return { name, template, deletedAt, path }
}

async function restoreAgent(
  parts: AgentParts,
  name: string,
  { actor, deletedLock }: { actor: string; deletedLock: (trash: string, name: string) => string },
): Promise<Agent> {
  const { home, journal, reader } = parts
  if (journal.rows.get('agent', name) !== undefined)
    throw new Fault('name.taken', `there is already an agent ${name}`, {
      hint: 'Delete it first, then restore.',
    })
  const trashed = (await readTrash(home)).find((agent) => agent.name === name)
  if (trashed === undefined)
    throw new Fault('not.found', `no agent ${name} in the trash`, {
      hint: '`clawdeck trash` shows what can be restored.',
    })
  const lock = deletedLock(basename(trashed.path), name)
  const folder = home.agent(name)
  await rm(folder.root, { recursive: true, force: true })
  await rename(trashed.path, folder.root)
  const { template, backend } = await readManifest(folder)
  await journal.append(() => [
    {
      type: 'agent.restored',
      actor,
      subject: name,
      body: { template, lock, ...placementOn(parts, backend) },
    },
  ])
  return reader.get(name)
}

/** The latest deletion first. A trashed folder is named `<agent>.<time of deletion>`. */
async function readTrash(home: Home): Promise<TrashedAgent[]> {
  const names = await readdir(home.trash).catch(() => [] as string[])
  const entries = names.flatMap((entry): TrashedAgent[] => {
    const match = /^([a-z][a-z0-9-]*)\.(\d+)$/.exec(entry)
    if (match === null) return []
    const [, name = '', deletedAt] = match
    return [{ name, template: '', deletedAt: Number(deletedAt), path: join(home.trash, entry) }]
  })
  const areFolders = await Promise.all(entries.map(({ path }) => isFolder(path)))
  return entries.filter((_, i) => areFolders[i]).toSorted((a, b) => b.deletedAt - a.deletedAt)
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
