import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { shipped } from '../../../src/config/data.ts'
import { deckHome, type AgentFolder } from '../../../src/config/home.ts'
import type { HostKey } from '../../../src/base/signing.ts'
import { ephemeralHostKey } from '../../support/host-key.ts'
import { readTemplate } from '../../../src/domain/templates/catalog.ts'
import { createAgentFolder } from '../../../src/domain/templates/folder.ts'
import { compileAndLock } from '../../../src/domain/templates/lock.ts'
import type { Compiled } from '../../../src/domain/templates/types.ts'

export const BUILT_IN = [{ origin: 'built-in' as const, path: shipped('templates') }]
export const DIGEST = `sha256:${'a'.repeat(64)}`
export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)

export interface Sample {
  folder: AgentFolder
  key: HostKey
  compiled: Compiled
}

/** A created agent in a deck home of its own. */
export async function sampleAgent(template = 'coder', agent = 'a1'): Promise<Sample> {
  const folder = deckHome({ CLAWDECK_HOME: await mkdtemp(join(tmpdir(), 'deck-')) }).agent(agent)
  const key = ephemeralHostKey()
  const { template: read, text } = await readTemplate(BUILT_IN, template)
  const compiled = compileAndLock(
    read,
    { agent, backend: 'podman', imageDigest: DIGEST, folder },
    NOW,
    key,
  )
  await createAgentFolder(
    folder,
    { name: agent, template, backend: 'podman', createdAt: new Date(NOW).toISOString() },
    text,
    compiled,
  )
  return { folder, key, compiled }
}
