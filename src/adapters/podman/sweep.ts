import * as z from 'zod'
import { count } from '../../base/text.ts'
import { runningProcesses, killProcess } from '../proc.ts'
import { expect, ListAnswer } from './answers.ts'
import type { Pods } from './pods.ts'

/** States that a container cannot leave by itself. */
const STUCK = new Set(['removing', 'unknown'])
const StorageAnswer = z
  .array(z.object({ Id: z.string(), Names: z.array(z.string()).nullish() }))
  .nullish()

/**
 * Removes what a crash of the engine left behind under this deck's names: stuck containers, storage
 * without a container that uses a name, and monitors of removed containers with the processes below
 * them. No container of this deck may be in creation: it would look like a leftover.
 */
export async function sweepOrphans(pods: Pods, log: (text: string) => void): Promise<void> {
  const list = await pods.list()
  for (const found of list) {
    if (!STUCK.has(found.State)) continue
    log(`removing the pod ${found.Names[0] ?? found.Id}, which is stuck in state ${found.State}`)
    await removeById(pods, found.Id)
  }
  await sweepStorage(pods, log)
  if ((await pods.engine.facts()).local) await sweepMonitors(pods, log)
}

/** Removes storage that uses one of our names without a container. */
async function sweepStorage(pods: Pods, log: (text: string) => void): Promise<void> {
  const prefix = pods.names.container('')
  const all =
    StorageAnswer.parse(
      await pods.engine.call('GET', '/libpod/containers/json?all=true&external=true'),
    ) ?? []
  const known = await allContainerIds(pods)
  for (const found of all) {
    const name = found.Names?.find((each) => each.startsWith(prefix))
    if (name === undefined || known.has(found.Id)) continue
    log(`removing storage that uses the name ${name}`)
    await removeById(pods, found.Id)
  }
}

/** The ids of all containers of the engine, of any deck. */
async function allContainerIds(pods: Pods): Promise<Set<string>> {
  const answer = await pods.engine.call('GET', '/libpod/containers/json?all=true')
  return new Set(expect(ListAnswer, answer, 'containers').map((found) => found.Id))
}

async function sweepMonitors(pods: Pods, log: (text: string) => void): Promise<void> {
  const prefix = pods.names.container('')
  const monitors = runningProcesses().filter(
    (each) => each.words[0]?.endsWith('conmon') && valueOf(each.words, '-n')?.startsWith(prefix),
  )
  if (monitors.length === 0) return
  // Read after the processes, so that the monitor of a container created in between is not stale.
  const known = await allContainerIds(pods)
  const stale = monitors.filter((monitor) => !known.has(valueOf(monitor.words, '-c') ?? ''))
  if (stale.length > 0) log(`killing ${count(stale.length, 'monitor')} of removed containers`)
  for (const monitor of stale) for (const pid of processTree(monitor.pid)) killProcess(pid)
}

async function removeById(pods: Pods, id: string): Promise<void> {
  await pods.engine
    .call('DELETE', `/libpod/containers/${id}?force=true&timeout=0&v=true`)
    .catch(() => undefined)
}

/** A process and its descendants, parents first. */
function processTree(root: number): number[] {
  const all = runningProcesses()
  const tree = [root]
  for (let i = 0; i < tree.length; i++)
    tree.push(...all.filter((each) => each.parent === tree[i]).map((each) => each.pid))
  return tree
}

function valueOf(words: string[], flag: string): string | undefined {
  const at = words.indexOf(flag)
  return at < 0 ? undefined : words[at + 1]
}
