import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Home } from '../../config/home.ts'

const DRAFT = /^\.[0-9a-f]+\.new$/
const NAME = /^[a-z][a-z0-9-]*$/

/**
 * Repairs what a crash between writing an agent's folder and its event leaves. A folder whose agent
 * the journal does not have is moved to the trash, from where it can be restored, and unfinished
 * drafts are removed. Call it before anything else happens to agents. `now` is Unix milliseconds.
 * Returns the names of the folders that were moved.
 */
export async function trashStrayFolders(
  home: Home,
  agents: ReadonlySet<string>,
  now: number,
): Promise<string[]> {
  const entries = await readdir(home.agents, { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  for (const draft of folders.filter((name) => DRAFT.test(name)))
    await rm(join(home.agents, draft), { recursive: true, force: true })
  const strays = folders.filter((name) => NAME.test(name) && !agents.has(name))
  if (strays.length > 0) await mkdir(home.trash, { recursive: true, mode: 0o700 })
  for (const name of strays)
    await rename(join(home.agents, name), join(home.trash, `${name}.${now}`))
  return strays
}
