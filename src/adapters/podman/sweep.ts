import * as z from 'zod'
import { count } from '../../base/text.ts'
import { commands, endProcess } from '../proc.ts'
import { expect, ListAnswer } from './answers.ts'
import type { Pods } from './pods.ts'

const ODD = new Set(['removing', 'unknown'])
const Sleepers = z
  .array(z.object({ Id: z.string(), Names: z.array(z.string()).nullish() }))
  .nullish()

/**
 * Removes what a crash of the engine leaves behind under this deck's names: containers in states that nothing leads out
 * of, names held by storage without a container, and monitors (with the half-started runtimes below them) of
 * containers that are no more. No create of this deck may be under way: half-made, it looks like an orphan.
 */
export async function sweepOrphans(pods: Pods, log: (text: string) => void): Promise<void> {
  const list = await pods.list()
  for (const found of list) {
    if (!ODD.has(found.State)) continue
    log(`sweeping the pod ${found.Names[0] ?? found.Id}, left ${found.State}`)
    await discard(pods, found.Id)
  }
  await sweepStorage(pods, log)
  if ((await pods.engine.facts()).local) await sweepMonitors(pods, log)
}

/** Storage that holds one of our names though the engine knows no container by it. */
async function sweepStorage(pods: Pods, log: (text: string) => void): Promise<void> {
  const prefix = pods.names.container('')
  const all =
    Sleepers.parse(
      await pods.engine.call('GET', '/libpod/containers/json?all=true&external=true'),
    ) ?? []
  const known = new Set((await everything(pods)).map((found) => found.Id))
  for (const found of all) {
    const name = found.Names?.find((each) => each.startsWith(prefix))
    if (name === undefined || known.has(found.Id)) continue
    log(`sweeping storage that holds the name ${name}`)
    await discard(pods, found.Id)
  }
}

async function everything(pods: Pods): Promise<{ Id: string }[]> {
  return expect(
    ListAnswer,
    await pods.engine.call('GET', '/libpod/containers/json?all=true'),
    'containers',
  )
}

async function sweepMonitors(pods: Pods, log: (text: string) => void): Promise<void> {
  const prefix = pods.names.container('')
  const monitors = commands().filter(
    (each) => each.words[0]?.endsWith('conmon') && valueOf(each.words, '-n')?.startsWith(prefix),
  )
  if (monitors.length === 0) return
  // Asked after the processes were read: a container made in between is known, and its monitor not among these.
  const known = new Set((await everything(pods)).map((found) => found.Id))
  const stale = monitors.filter((monitor) => !known.has(valueOf(monitor.words, '-c') ?? ''))
  if (stale.length > 0)
    log(`sweeping ${count(stale.length, 'monitor')} of containers that are no more`)
  for (const monitor of stale) for (const pid of below(monitor.pid)) endProcess(pid)
}

async function discard(pods: Pods, id: string): Promise<void> {
  await pods.engine
    .call('DELETE', `/libpod/containers/${id}?force=true&timeout=0&v=true`)
    .catch(() => undefined)
}

/** A process and all below it, deepest last. */
function below(root: number): number[] {
  const all = commands()
  const family = [root]
  for (let i = 0; i < family.length; i++)
    family.push(...all.filter((each) => each.parent === family[i]).map((each) => each.pid))
  return family
}

function valueOf(words: string[], flag: string): string | undefined {
  const at = words.indexOf(flag)
  return at < 0 ? undefined : words[at + 1]
}
