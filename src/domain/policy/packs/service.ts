import { asFault } from '../../../base/fault.ts'
import type { PolicyFileHandle } from '../policies-file.ts'
import type { OperatorPolicy } from '../types.ts'
import type { PackFolder, PackStore } from './store.ts'
import type { PackRow } from './types.ts'

export interface PackParts {
  shelf: PackStore
  file: Pick<PolicyFileHandle, 'packs' | 'enable' | 'disable'>
}

/** The packs that there are, and which of them `policies.yaml` names. */
export function packService({ shelf, file }: PackParts) {
  async function row(name: string, { origin, path }: PackFolder): Promise<PackRow> {
    const where = { name, enabled: file.packs().includes(name), origin, path }
    try {
      const { about, policies, cases } = await shelf.read(name)
      return { ...where, about, policies: policies.length, tests: cases, problem: null }
    } catch (thrown) {
      return { ...where, about: '', policies: 0, tests: 0, problem: asFault(thrown).message }
    }
  }

  /** One that is named in the file and lies nowhere is a row too, so that it can be seen and taken out. */
  async function rows(): Promise<PackRow[]> {
    const all = await shelf.names()
    const lost = file
      .packs()
      .filter((name) => !all.has(name))
      .map((name): [string, PackFolder] => [name, { origin: 'yours', path: '' }])
    return Promise.all([...all, ...lost].map(([name, where]) => row(name, where)))
  }

  async function one(name: string): Promise<PackRow> {
    const where = (await shelf.names()).get(name)
    if (where !== undefined) return row(name, where)
    if (file.packs().includes(name)) return row(name, { origin: 'yours', path: '' })
    await shelf.read(name)
    throw new TypeError(`the pack ${name} was read from nowhere`)
  }

  return {
    list: rows,
    async show(name: string): Promise<{ pack: PackRow; policies: OperatorPolicy[]; text: string }> {
      const { policies, text } = await shelf.read(name)
      return { pack: await one(name), policies, text }
    },
    async test(name: string): Promise<{ name: string; cases: number }> {
      const { cases } = await shelf.read(name)
      return { name, cases }
    },
    async enable(name: string, actor: string): Promise<PackRow> {
      await file.enable(name, actor)
      return one(name)
    },
    async disable(name: string, actor: string): Promise<PackRow> {
      const before = await one(name)
      await file.disable(name, actor)
      return { ...before, enabled: file.packs().includes(name) }
    },
  }
}
