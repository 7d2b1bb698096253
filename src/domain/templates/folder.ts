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
import { seal } from './lock.ts'
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
  backend: z.enum(['podman', 'local', 'memory']),
  createdAt: z.string().max(64),
})

const LARGEST_TEMPLATE = 256 * 1024

/**
 * Writes the folder of a new agent, all at once: it is there whole, or not at all. `templateText` is kept as it was written,
 * comments and all. Fault `name.taken` when there is such a folder already.
 */
export async function createAgentFolder(
  folder: AgentFolder,
  manifest: Manifest,
  templateText: string,
  compiled: Compiled,
): Promise<void> {
  const taken = new Fault('name.taken', `There is an agent ${manifest.name} already.`, {
    hint: `Choose another name, or delete it first: clawdeck delete ${manifest.name}`,
  })
  if (await isThere(folder.root)) throw taken
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
    // Like openclaw.json, for a pod's user who is another one than the owner.
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

/** What kind of agent this is. Fault `config.invalid` or `not.found`. */
export async function readManifest(folder: AgentFolder): Promise<Manifest> {
  return (
    await readYaml(folder.manifest, ManifestSchema, {
      file: folder.manifest,
      code: 'config.invalid',
    })
  ).value
}

/** The snapshot of the template that the agent was made from. Fault `template.invalid`. */
export async function readSnapshot(folder: AgentFolder): Promise<Template> {
  let text: string
  try {
    text = await readBounded(folder.template, LARGEST_TEMPLATE)
  } catch (cause) {
    throw new Fault(
      'template.invalid',
      `${folder.template} cannot be read (${errno(cause) ?? 'unknown reason'}).`,
      {
        hint: 'Restore it from a backup, or copy the template there again, then start the agent with --force.',
        cause,
      },
    )
  }
  return parseTemplate(text, folder.template)
}

/**
 * Compiles the snapshot that is there and signs it anew: the operator's word that what drifted is meant. `now` is Unix milliseconds.
 * Faults: `template.invalid`, `config.invalid`, `lock.invalid` when the folder is that of another agent.
 */
export async function relock(
  folder: AgentFolder,
  agent: string,
  imageDigest: string,
  key: HostKey,
  now: number,
): Promise<Compiled> {
  const manifest = await readManifest(folder)
  if (manifest.name !== agent) {
    throw new Fault(
      'lock.invalid',
      `${folder.manifest} says that this is the agent ${manifest.name}, not ${agent}.`,
      { hint: 'Put the name right, or move the folder back where it belongs.' },
    )
  }
  const template = await readSnapshot(folder)
  const compiled = seal(
    template,
    { agent, backend: manifest.backend, imageDigest, folder },
    now,
    key,
  )
  if (manifest.template !== template.name)
    await writeAtomic(folder.manifest, stringify({ ...manifest, template: template.name }))
  await writeCompiled(folder, compiled)
  return compiled
}

/** The lock goes last: until it is there, what was written before it is drift, and nothing starts. */
async function writeCompiled(
  paths: Pick<AgentFolder, 'spec' | 'openclaw' | 'lock'>,
  { spec, openclaw, lock }: Compiled,
): Promise<void> {
  await writeAtomic(paths.spec, pretty(spec))
  // Holds no secret, and the pod's user (another one than the owner under a rootful engine) has to read it; the folder around it is 0700.
  await writeAtomic(paths.openclaw, pretty(openclaw), 0o644)
  await writeAtomic(paths.lock, `${canonical(lock)}\n`)
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (cause) {
    if (errno(cause) === 'ENOENT') return false
    throw cause
  }
}
