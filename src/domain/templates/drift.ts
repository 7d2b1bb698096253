import { asFault, errno, Fault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import { readBounded } from '../../config/files.ts'
import type { AgentFolder } from '../../config/home.ts'
import type { HostVerifier } from '../../base/signing.ts'
import type { PodSpec } from '../../ports/pods.ts'
import { compile, type CompileTarget } from './compile.ts'
import { differences } from './differences.ts'
import { readManifest, readSnapshot, type Manifest } from './folder.ts'
import { hashOf, lockProblem, parseLock } from './lock.ts'
import type { Compiled, Drift, PolicyLock, Template } from './types.ts'

/** A file as found: its value, or in words why there is none. */
export type Found<T> = { value: T; problem?: never } | { value?: never; problem: string }

/** Everything in an agent's folder that the lock speaks of. */
export interface FoundFiles {
  manifest: Found<Manifest>
  template: Found<Template>
  spec: Found<unknown>
  openclaw: Found<unknown>
  lock: Found<PolicyLock>
}

/** What the engine has under an image's name now: undefined when it has none, '' where there are no images. */
export type DigestOf = (image: string) => Promise<string | undefined>

/** What the files are held against. `imageDigest` is what the engine has now: undefined when the image is gone, '' without images. */
export interface Expected {
  agent: string
  imageDigest: string | undefined
  key: HostVerifier
  folder: CompileTarget['folder']
}

const LARGEST = 1024 * 1024

/**
 * Holds an agent's folder against its lock. `compiled` is what lies there, read once: start from it, and only when `drift` is empty;
 * it is absent when a file cannot be read. Never rejects: whatever is wrong is drift.
 */
export async function verifyFolder(
  folder: AgentFolder,
  agent: string,
  digestOf: DigestOf,
  key: HostVerifier,
): Promise<{ drift: Drift[]; compiled?: Compiled }> {
  const found = await readFiles(folder)
  const imageDigest = await digestOf(found.template.value?.image ?? '')
  const drift = findDrift(found, { agent, imageDigest, key, folder })
  const { template, spec, openclaw, lock } = found
  if (
    template.problem !== undefined ||
    spec.problem !== undefined ||
    openclaw.problem !== undefined ||
    lock.problem !== undefined
  )
    return { drift }
  // Without drift these are, by their hashes, what `compile` once made; with drift they are only ever shown.
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

/** How what was found differs from what was locked, each naming what, from what, to what. Pure. */
export function findDrift(found: FoundFiles, expected: Expected): Drift[] {
  if (found.lock.problem !== undefined)
    return [differ('lock', 'a signed policy.lock.json', found.lock.problem)]
  const lock = found.lock.value
  return [
    ...sealDrift(lock, expected.key),
    ...identityDrift(found, lock, expected),
    ...templateDrift(found, lock, expected),
    ...specDrift(found, lock, expected),
    ...openclawDrift(found, lock, expected),
    ...imageDrift(lock, expected),
  ]
}

function sealDrift(lock: PolicyLock, key: HostVerifier): Drift[] {
  const problem = lockProblem(lock, key)
  if (problem === undefined) return []
  if (problem === 'key')
    return [
      {
        what: 'key',
        from: key.keyId,
        to: `${plain(lock.keyId, 64)}, which this deck does not know`,
      },
    ]
  return [
    {
      what: 'signature',
      from: `signed by ${key.keyId}`,
      to: 'the lock was changed after it was signed',
    },
  ]
}

function identityDrift({ manifest }: FoundFiles, lock: PolicyLock, { agent }: Expected): Drift[] {
  const own = lock.agent === agent ? [] : [differ('lock', `agent ${agent}`, `agent ${lock.agent}`)]
  if (manifest.problem !== undefined)
    return [...own, differ('lock', 'a readable agent.yaml', manifest.problem)]
  const { name, backend, template } = manifest.value
  const pairs = [
    ['agent', lock.agent, name],
    ['backend', lock.backend, backend],
    ['template', lock.template, template],
  ] as const
  return [
    ...own,
    ...pairs.flatMap(([what, locked, there]) =>
      locked === there
        ? []
        : [differ('lock', `${what} ${locked}`, `${what} ${there} in agent.yaml`)],
    ),
  ]
}

/** The lock holds hashes; but what it also holds, and what was compiled from the old template, says which values changed. */
function templateDrift(
  { template, spec, openclaw }: FoundFiles,
  lock: PolicyLock,
  expected: Expected,
): Drift[] {
  if (template.problem !== undefined)
    return [differ('template', short(lock.templateHash), template.problem)]
  const hash = safeHash(template.value)
  if (hash === lock.templateHash) return []
  const now = recompile(template.value, lock, expected)
  const known = [
    ...differences(lock.guard, template.value.guard, 'guard'),
    ...differences(lock.gated, template.value.gated, 'gated'),
    ...(safeHash(spec.value) === lock.specHash ? differences(spec.value, now.spec) : []),
    ...(safeHash(openclaw.value) === lock.openclawHash
      ? differences(openclaw.value, now.openclaw, 'openclaw')
      : []),
  ]
  return known.length === 0
    ? [differ('template', short(lock.templateHash), short(hash))]
    : known.map(({ from, to }) => ({ what: 'template', from, to }))
}

function specDrift({ template, spec }: FoundFiles, lock: PolicyLock, expected: Expected): Drift[] {
  if (spec.problem !== undefined) return [differ('spec', short(lock.specHash), spec.problem)]
  const locked =
    template.problem === undefined ? recompile(template.value, lock, expected).spec : undefined
  const hash = safeHash(spec.value)
  if (hash !== lock.specHash) return changes('spec', locked, lock.specHash, spec.value, hash)
  // The spec is as signed; but if the deck home was moved or copied, it still mounts the folders of the old place.
  const own: unknown[] = [
    expected.folder.workspace,
    expected.folder.state,
    expected.folder.bin,
    expected.folder.openclaw,
  ]
  return mountsOf(spec.value).flatMap(({ source, target }) =>
    own.includes(source)
      ? []
      : [differ('spec', `${target} from ${source}`, "a folder that is not this agent's any more")],
  )
}

/** Signed or not, nothing is taken for granted of a file's shape. */
function mountsOf(spec: unknown): { source: unknown; target: unknown }[] {
  const mounts = (spec as { mounts?: unknown } | null)?.mounts
  return Array.isArray(mounts)
    ? mounts.filter((mount) => typeof mount === 'object' && mount !== null)
    : []
}

function openclawDrift(
  { template, openclaw }: FoundFiles,
  lock: PolicyLock,
  expected: Expected,
): Drift[] {
  if (openclaw.problem !== undefined)
    return [differ('openclaw.json', short(lock.openclawHash), openclaw.problem)]
  const hash = safeHash(openclaw.value)
  if (hash === lock.openclawHash) return []
  const locked =
    template.problem === undefined ? recompile(template.value, lock, expected).openclaw : undefined
  return changes('openclaw.json', locked, lock.openclawHash, openclaw.value, hash)
}

function imageDrift(lock: PolicyLock, { imageDigest }: Expected): Drift[] {
  if (imageDigest === lock.imageDigest) return []
  return [
    differ(
      'image',
      lock.imageDigest === '' ? 'no image' : lock.imageDigest,
      imageDigest === undefined
        ? 'not on this engine'
        : imageDigest === ''
          ? 'no image'
          : imageDigest,
    ),
  ]
}

/** Key by key where what was locked can be made again, else by hash. */
function changes(
  what: Drift['what'],
  locked: unknown,
  lockedHash: string,
  there: unknown,
  hash: string,
): Drift[] {
  if (safeHash(locked) !== lockedHash) return [differ(what, short(lockedHash), short(hash))]
  const named = differences(locked, there)
  return named.length === 0
    ? [differ(what, short(lockedHash), short(hash))]
    : named.map(({ from, to }) => ({ what, from, to }))
}

function recompile(
  template: Template,
  lock: PolicyLock,
  { folder }: Expected,
): Omit<Compiled, 'lock'> {
  return compile(template, {
    agent: lock.agent,
    backend: lock.backend,
    imageDigest: lock.imageDigest,
    folder,
  })
}

function differ(what: Drift['what'], from: string, to: string): Drift {
  return { what, from: plain(from, 300), to: plain(to, 300) }
}

function short(hash: string): string {
  return hash === '' ? 'something without a canonical form' : `sha256:${hash.slice(0, 12)}`
}

/** '' for what has no canonical form, which therefore equals no lock. */
function safeHash(value: unknown): string {
  try {
    return hashOf(value)
  } catch {
    return ''
  }
}

async function readFiles(folder: AgentFolder): Promise<FoundFiles> {
  const [manifest, template, spec, openclaw, lock] = await Promise.all([
    attempt('agent.yaml', () => readManifest(folder)),
    attempt('template.yaml', () => readSnapshot(folder)),
    attempt('container-spec.json', () => readJson(folder.spec)),
    attempt('openclaw.json', () => readJson(folder.openclaw)),
    attempt('policy.lock.json', async () =>
      parseLock(await readBounded(folder.lock, LARGEST), 'policy.lock.json'),
    ),
  ])
  return { manifest, template, spec, openclaw, lock }
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readBounded(path, LARGEST))
}

async function attempt<T>(file: string, read: () => Promise<T>): Promise<Found<T>> {
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
