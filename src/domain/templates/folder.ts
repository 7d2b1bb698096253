import { randomBytes } from 'node:crypto'
import { chmod, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import * as z from 'zod'
import { stringify } from 'yaml'
import { canonical } from '../../base/canonical.ts'
import { errno, Fault } from '../../base/fault.ts'
import { makePrivateFolder, readBounded, writeAtomic } from '../../config/files.ts'
import type { AgentFolder } from '../../config/home.ts'
import type { HostKey } from '../../base/signing.ts'
import { readYaml } from '../../config/yaml.ts'
import type { BackendKind } from '../../ports/pods.ts'
import { parseTemplate } from './catalog.ts'
import { compileAndLock } from './lock.ts'
import type { Compiled, Template } from './types.ts'

/** `agent.yaml`. `createdAt` is ISO 8601. */
export interface Manifest {
  name: string
  template: string
  backend: BackendKind
  createdAt: string
}

const ManifestSchema: z.ZodType<Manifest> = z.strictObject({
  name: z.string().max(64),
  template: z.string().max(64),
  backend: z.enum(['podman', 'local', 'memory', 'outside']),
  createdAt: z.string().max(64),
})

const MAX_TEMPLATE_BYTES = 256 * 1024

/**
 * Creates the folder of a new agent atomically. `templateText` is stored as it was written,
 * including comments. Fault `name.taken` when the folder exists already.
 */
export async function createAgentFolder(
  folder: AgentFolder,
  manifest: Manifest,
  templateText: string,
  compiled: Compiled,
): Promise<void> {
  const taken = new Fault('name.taken', `There is already an agent ${manifest.name}.`, {
    hint: `Choose another name, or delete it first: clawdeck delete ${manifest.name}`,
  })
  if (await exists(folder.root)) throw taken
  await makePrivateFolder(dirname(folder.root))
  const draft = join(dirname(folder.root), `.${randomBytes(6).toString('hex')}.new`)
  const inDraft = (path: string): string => join(draft, relative(folder.root, path))
  try {
    await makePrivateFolder(draft)
    for (const path of [
      folder.workspace,
      folder.state,
      join(folder.state, 'home'),
      join(folder.state, 'logs'),
      folder.logs,
    ])
      await makePrivateFolder(inDraft(path))
    // Like openclaw.json: the pod's user may be another one than the owner.
    await makePrivateFolder(inDraft(folder.bin))
    await chmod(inDraft(folder.bin), 0o755)
    await writeAtomic(inDraft(folder.manifest), stringify(manifest))
    await writeAtomic(inDraft(folder.template), templateText)
    await writeCompiled(
      {
        spec: inDraft(folder.spec),
        openclaw: inDraft(folder.openclaw),
        lock: inDraft(folder.lock),
      },
      compiled,
    )
    await rename(draft, folder.root)
  } catch (cause) {
    await rm(draft, { recursive: true, force: true })
    throw ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errno(cause) ?? '') ? taken : cause
  }
}

/** Reads `agent.yaml`. Faults: `config.invalid`, `not.found`. */
export async function readManifest(folder: AgentFolder): Promise<Manifest> {
  return (
    await readYaml(folder.manifest, ManifestSchema, {
      file: folder.manifest,
      code: 'config.invalid',
    })
  ).value
}

/** Reads the agent's copy of the template that it was made from. Fault `template.invalid`. */
export async function readSnapshot(folder: AgentFolder): Promise<Template> {
  let text: string
  try {
    text = await readBounded(folder.template, MAX_TEMPLATE_BYTES)
  } catch (cause) {
    throw new Fault(
      'template.invalid',
      `${folder.template} cannot be read (${errno(cause) ?? 'unknown reason'}).`,
      {
        hint: 'Restore it from a backup or copy the template there again. Then start the agent with --force.',
        cause,
      },
    )
  }
  return parseTemplate(text, folder.template)
}

/**
 * Compiles the agent's template again and signs the result, because an operator accepted the drift.
 * `now` is in Unix milliseconds. Faults: `template.invalid`, `config.invalid`, and `lock.invalid`
 * when the folder belongs to another agent.
 */
export async function relock(
  folder: AgentFolder,
  { agent, imageDigest, key, now }: RelockOptions,
): Promise<Compiled> {
  const manifest = await readManifest(folder)
  if (manifest.name !== agent) {
    throw new Fault(
      'lock.invalid',
      `${folder.manifest} is of the agent ${manifest.name}, not ${agent}.`,
      { hint: 'Correct the name, or move the folder back to its place.' },
    )
  }
  const template = await readSnapshot(folder)
  const target = { agent, backend: manifest.backend, imageDigest, folder }
  const compiled = compileAndLock(template, target, now, key)
  if (manifest.template !== template.name)
    await writeAtomic(folder.manifest, stringify({ ...manifest, template: template.name }))
  await writeCompiled(folder, compiled)
  return compiled
}

interface RelockOptions {
  agent: string
  imageDigest: string
  key: HostKey
  now: number
}

/**
 * The lock is written last. Until it is, the other files are drift, and the agent does not start.
 */
async function writeCompiled(
  paths: Pick<AgentFolder, 'spec' | 'openclaw' | 'lock'>,
  { spec, openclaw, lock }: Compiled,
): Promise<void> {
  await writeAtomic(paths.spec, pretty(spec))
  // Readable, because a rootful engine's pod runs as another user. It contains no secrets, and its
  // folder is private.
  await writeAtomic(paths.openclaw, pretty(openclaw), 0o644)
  await writeAtomic(paths.lock, `${canonical(lock)}\n`)
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (cause) {
    if (errno(cause) === 'ENOENT') return false
    throw cause
  }
}
