import { asFault, errno, Fault } from '../../base/fault.ts'
import type { HostVerifier } from '../../base/signing.ts'
import { readBounded } from '../../config/files.ts'
import type { AgentFolder } from '../../config/home.ts'
import type { PodSpec } from '../../ports/pods.ts'
import { findDrift, type AgentFiles, type FileResult } from './find-drift.ts'
import { readManifest, readSnapshot } from './folder.ts'
import { parseLock } from './lock.ts'
import type { Compiled, Drift } from './types.ts'

const MAX_FILE_BYTES = 1024 * 1024

/**
 * Compares an agent's folder with its lock. `compiled` is what the files contain: start the agent
 * from it, and only if `drift` is empty. It is missing when a file cannot be read. `digestOf` gives
 * the engine's current image: undefined when it has none, '' where there are no images. Rejects
 * only if `digestOf` does.
 */
export async function verifyFolder(
  folder: AgentFolder,
  agent: string,
  digestOf: (image: string) => Promise<string | undefined>,
  key: HostVerifier,
): Promise<{ drift: Drift[]; compiled?: Compiled }> {
  const files = await readFiles(folder)
  const imageDigest = await digestOf(files.template.value?.image ?? '')
  const drift = findDrift(files, { agent, imageDigest, key, folder })
  const { template, spec, openclaw, lock } = files
  if (
    template.problem !== undefined ||
    spec.problem !== undefined ||
    openclaw.problem !== undefined ||
    lock.problem !== undefined
  )
    return { drift }
  // Without drift, the hashes prove that these are what was compiled. With drift they are only
  // displayed.
  return {
    drift,
    compiled: {
      template: template.value,
      spec: spec.value as PodSpec,
      openclaw: openclaw.value as Record<string, unknown>,
      lock: lock.value,
    },
  }
}

async function readFiles(folder: AgentFolder): Promise<AgentFiles> {
  const [manifest, template, spec, openclaw, lock] = await Promise.all([
    tryRead('agent.yaml', () => readManifest(folder)),
    tryRead('template.yaml', () => readSnapshot(folder)),
    tryRead('container-spec.json', () => readJson(folder.spec)),
    tryRead('openclaw.json', () => readJson(folder.openclaw)),
    tryRead('policy.lock.json', async () =>
      parseLock(await readBounded(folder.lock, MAX_FILE_BYTES), 'policy.lock.json'),
    ),
  ])
  return { manifest, template, spec, openclaw, lock }
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readBounded(path, MAX_FILE_BYTES))
}

async function tryRead<T>(file: string, read: () => Promise<T>): Promise<FileResult<T>> {
  try {
    return { value: await read() }
  } catch (thrown) {
    return { problem: problemOf(file, thrown) }
  }
}

function problemOf(file: string, thrown: unknown): string {
  if (thrown instanceof SyntaxError) return `${file} is not valid JSON`
  const fault = thrown instanceof Fault ? thrown : undefined
  const code = errno(fault === undefined ? thrown : fault.cause)
  if (code === 'ENOENT') return `${file} is missing`
  if (code !== undefined) return `${file} cannot be read (${code})`
  return asFault(thrown).message
}
