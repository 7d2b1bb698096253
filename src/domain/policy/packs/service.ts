import { asFault } from '../../../base/fault.ts'
import type { LivePolicyFile } from '../file/policies-file.ts'
import type { PackFolder, PackStore } from './store.ts'
import type { PackRow, PackService } from './types.ts'

export interface PackParts {
  store: PackStore
  file: Pick<LivePolicyFile, 'packs' | 'enable' | 'disable'>
}

/** The packs that exist, and which of them `policies.yaml` names. */
export function packService({ store, file }: PackParts): PackService {
  async function row(name: string, { origin, path }: PackFolder): Promise<PackRow> {
    const place = { name, enabled: file.packs().includes(name), origin, path }
    try {
      const { about, policies, cases } = await store.read(name)
      return { ...place, about, policies: policies.length, tests: cases, problem: null }
    } catch (thrown) {
      return { ...place, about: '', policies: 0, tests: 0, problem: asFault(thrown).message }
    }
  }

  async function rowOf(name: string): Promise<PackRow> {
    const folder = (await store.names()).get(name)
    if (folder !== undefined) return row(name, folder)
    if (file.packs().includes(name)) return row(name, MISSING)
    await store.read(name)
    throw new TypeError(`the pack ${name} has no folder`)
  }

  return {
    async list() {
      const found = await store.names()
      const missing = file
        .packs()
        .filter((name) => !found.has(name))
        .map((name) => [name, MISSING] as const)
      return Promise.all([...found, ...missing].map(([name, folder]) => row(name, folder)))
    },
    async show(name) {
      const { policies, text } = await store.read(name)
      return { pack: await rowOf(name), policies, text }
    },
    async test(name) {
      const { cases } = await store.read(name)
      return { name, cases }
    },
    async enable(name, actor) {
      await file.enable(name, actor)
      return rowOf(name)
    },
    async disable(name, actor) {
      const before = await rowOf(name)
      await file.disable(name, actor)
      return { ...before, enabled: file.packs().includes(name) }
    },
  }
}

/** A pack that the file names and that has no file is listed too, so that it can be disabled. */
const MISSING: PackFolder = { origin: 'yours', path: '' }
