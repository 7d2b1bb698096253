import type { HostVerifier } from '../../base/signing.ts'
import { plain } from '../../base/text.ts'
import { compile, type CompileTarget } from './compile.ts'
import { differences } from './differences.ts'
import type { Manifest } from './folder.ts'
import { boundsOfTemplate, hashOf, lockProblem } from './lock.ts'
import type { Compiled, Drift, PolicyLock, Template } from './types.ts'

/** A file's value, or why it has none. */
export type FileResult<T> = { value: T; problem?: never } | { value?: never; problem: string }

/** The files of an agent's folder that the lock covers. */
export interface AgentFiles {
  manifest: FileResult<Manifest>
  template: FileResult<Template>
  spec: FileResult<unknown>
  openclaw: FileResult<unknown>
  lock: FileResult<PolicyLock>
}

/** What the files are compared with. */
interface Expectation {
  agent: string
  /** The engine's current image: undefined when it has none, '' where there are no images. */
  imageDigest: string | undefined
  key: HostVerifier
  folder: CompileTarget['folder']
}

/**
 * How an agent's files differ from its lock: each difference names what, from what, to what. Pure.
 */
export function findDrift(files: AgentFiles, expected: Expectation): Drift[] {
  if (files.lock.problem !== undefined)
    return [driftOf('lock', 'a signed policy.lock.json', files.lock.problem)]
  const lock = files.lock.value
  return [
    ...signatureDrift(lock, expected.key),
    ...identityDrift(files, lock, expected),
    ...templateDrift(files, lock, expected),
    ...specDrift(files, lock, expected),
    ...openclawDrift(files, lock, expected),
    ...imageDrift(lock, expected),
  ]
}

function signatureDrift(lock: PolicyLock, key: HostVerifier): Drift[] {
  const problem = lockProblem(lock, key)
  if (problem === undefined) return []
  if (problem === 'key') {
    const to = `${plain(lock.keyId, 64)}, a key that this deck does not know`
    return [{ what: 'key', from: key.keyId, to }]
  }
  const to = 'the lock was changed after it was signed'
  return [{ what: 'signature', from: `signed by ${key.keyId}`, to }]
}

function identityDrift(
  { manifest }: AgentFiles,
  lock: PolicyLock,
  { agent }: Expectation,
): Drift[] {
  const own = lock.agent === agent ? [] : [driftOf('lock', `agent ${agent}`, `agent ${lock.agent}`)]
  if (manifest.problem !== undefined)
    return [...own, driftOf('lock', 'a readable agent.yaml', manifest.problem)]
  const { name, backend, template } = manifest.value
  const pairs = [
    ['agent', lock.agent, name],
    ['backend', lock.backend, backend],
    ['template', lock.template, template],
  ] as const
  const changed = pairs.filter(([, locked, actual]) => locked !== actual)
  return [
    ...own,
    ...changed.map(([what, locked, actual]) =>
      driftOf('lock', `${what} ${locked}`, `${what} ${actual} in agent.yaml`),
    ),
  ]
}

/**
 * The lock contains only a hash of the template. The values that changed are found by comparing
 * with the parts that the lock contains, and with what was compiled from the old template.
 */
function templateDrift(
  { template, spec, openclaw }: AgentFiles,
  lock: PolicyLock,
  expected: Expectation,
): Drift[] {
  if (template.problem !== undefined)
    return [driftOf('template', shortHash(lock.templateHash), template.problem)]
  const hash = safeHash(template.value)
  if (hash === lock.templateHash) return []
  const now = recompile(template.value, lock, expected)
  const known = [
    ...differences(lock.guard, boundsOfTemplate(template.value), 'guard'),
    ...differences(lock.gated, template.value.gated, 'gated'),
    ...(safeHash(spec.value) === lock.specHash ? differences(spec.value, now.spec) : []),
    ...(safeHash(openclaw.value) === lock.openclawHash
      ? differences(openclaw.value, now.openclaw, 'openclaw')
      : []),
  ]
  return known.length === 0
    ? [driftOf('template', shortHash(lock.templateHash), shortHash(hash))]
    : known.map(({ from, to }) => ({ what: 'template', from, to }))
}

function specDrift(
  { template, spec }: AgentFiles,
  lock: PolicyLock,
  expected: Expectation,
): Drift[] {
  if (spec.problem !== undefined) return [driftOf('spec', shortHash(lock.specHash), spec.problem)]
  const locked = template.value && recompile(template.value, lock, expected).spec
  const changed = fileDrift('spec', spec.value, { hash: lock.specHash, value: locked })
  if (changed.length > 0) return changed
  // The spec is as signed. But in a deck home that was moved or copied, it mounts the folders of
  // the old one.
  const { workspace, state, bin, openclaw } = expected.folder
  const own: unknown[] = [workspace, state, bin, openclaw]
  const foreign = mountsOf(spec.value).filter(({ source }) => !own.includes(source))
  return foreign.map(({ source, target }) =>
    driftOf('spec', `${target} from ${source}`, 'a folder that is not of this agent'),
  )
}

/** The shape of the file is not trusted, even if it is signed. */
function mountsOf(spec: unknown): { source: unknown; target: unknown }[] {
  const mounts = (spec as { mounts?: unknown } | null)?.mounts
  return Array.isArray(mounts)
    ? mounts.filter((mount) => typeof mount === 'object' && mount !== null)
    : []
}

function openclawDrift(
  { template, openclaw }: AgentFiles,
  lock: PolicyLock,
  expected: Expectation,
): Drift[] {
  if (openclaw.problem !== undefined)
    return [driftOf('openclaw.json', shortHash(lock.openclawHash), openclaw.problem)]
  const locked = template.value && recompile(template.value, lock, expected).openclaw
  return fileDrift('openclaw.json', openclaw.value, { hash: lock.openclawHash, value: locked })
}

function imageDrift(lock: PolicyLock, { imageDigest }: Expectation): Drift[] {
  if (imageDigest === lock.imageDigest) return []
  const actual = imageDigest === undefined ? 'not on this engine' : imageDigest || 'no image'
  return [driftOf('image', lock.imageDigest || 'no image', actual)]
}

/** Names the changed values if `locked.value` has the locked hash, and otherwise the hashes. */
function fileDrift(
  what: Drift['what'],
  actual: unknown,
  locked: { hash: string; value: unknown },
): Drift[] {
  const hash = safeHash(actual)
  if (hash === locked.hash) return []
  const named = safeHash(locked.value) === locked.hash ? differences(locked.value, actual) : []
  return named.length === 0
    ? [driftOf(what, shortHash(locked.hash), shortHash(hash))]
    : named.map(({ from, to }) => ({ what, from, to }))
}

function recompile(
  template: Template,
  lock: PolicyLock,
  { folder }: Expectation,
): Omit<Compiled, 'lock'> {
  return compile(template, {
    agent: lock.agent,
    backend: lock.backend,
    imageDigest: lock.imageDigest,
    folder,
  })
}

function driftOf(what: Drift['what'], from: string, to: string): Drift {
  return { what, from: plain(from, 300), to: plain(to, 300) }
}

function shortHash(hash: string): string {
  return hash === '' ? 'a value without a canonical form' : `sha256:${hash.slice(0, 12)}`
}

/** '' for a value without a canonical form, which equals no lock. */
function safeHash(value: unknown): string {
  try {
    return hashOf(value)
  } catch {
    return ''
  }
}
