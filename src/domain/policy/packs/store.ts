import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errno, Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import { readBounded } from '../../../config/files.ts'
import { nearest } from '../../../base/nearest.ts'
import { mistakeAt } from '../../../config/yaml-place.ts'
import { parseYaml } from '../../../config/yaml.ts'
import { mayHavePatterns, readyForPatterns } from '../matching/pattern.ts'
import { PackSchema, withoutUndefined } from '../file/schema.ts'
import type { OperatorPolicy } from '../types.ts'
import { firstFailingCase } from './cases.ts'

/** A folder of packs. A later folder overrides packs of the same name in an earlier one. */
export interface PackFolder {
  origin: 'built-in' | 'yours'
  path: string
}

/** A pack whose cases all pass. The ids of its policies have the form `<pack>/<id>`. */
export interface Pack {
  name: string
  about: string
  policies: OperatorPolicy[]
  cases: number
  text: string
}

export interface PackStore {
  /** The folder of each pack, and in it the path of its file, by name. */
  names(): Promise<Map<string, PackFolder>>
  /** Faults: `not.found`, and `policies.invalid` with the place of a mistake or a failing case. */
  read(name: string): Promise<Pack>
}

const FILE = /^([a-z][a-z0-9-]{0,31})\.yaml$/
const MAX_BYTES = 256 * 1024
const MAX_PACKS = 500

/** The packs of some folders. A pack whose text is unchanged is not parsed again. */
export function packStore(folders: readonly PackFolder[]): PackStore {
  const known = new Map<string, Pack>()

  async function names(): Promise<Map<string, PackFolder>> {
    const found = new Map<string, PackFolder>()
    for (const { origin, path } of folders)
      for (const name of await namesIn(path))
        found.set(name, { origin, path: join(path, `${name}.yaml`) })
    return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }

  return {
    names,
    async read(name) {
      const all = await names()
      const path = all.get(name)?.path
      if (path === undefined) throw unknown(name, [...all.keys()])
      const text = await textOf(path)
      const before = known.get(path)
      if (before?.text === text) return before
      const pack = await parsePack(text, path, name)
      known.set(path, pack)
      return pack
    },
  }
}

/** Packs from texts that were stored, by name. */
export function storedPacks(texts: Readonly<Record<string, string>>): PackStore {
  return {
    names: async () => new Map(),
    async read(name) {
      const text = Object.hasOwn(texts, name) ? texts[name] : undefined
      if (text === undefined) throw unknown(name, Object.keys(texts))
      return parsePack(text, `${name}.yaml`, name)
    },
  }
}

/** Parses a pack and runs its cases. `file`: its name in messages. Fault `policies.invalid`. */
export async function parsePack(text: string, file: string, name?: string): Promise<Pack> {
  if (mayHavePatterns(text)) await readyForPatterns()
  const source = { file, code: 'policies.invalid' as const }
  const read = parseYaml(text, PackSchema, source)
  if (name !== undefined && read.name !== name)
    throw mistakeAt(text, source, {
      path: ['name'],
      text: `the pack is named ${read.name}, but its file ${name}`,
      fix: 'Use the same name for both.',
    })
  const twice = read.policies.findIndex(
    ({ id }, at) => read.policies.findIndex((other) => other.id === id) < at,
  )
  if (twice >= 0)
    throw mistakeAt(text, source, {
      path: ['policies', twice, 'id'],
      text: 'two policies have this id',
      fix: 'Give each policy its own id.',
    })
  const policies = read.policies.map((policy) => withoutUndefined(policy) as OperatorPolicy)
  const failing = firstFailingCase(policies, read.tests)
  if (failing !== undefined)
    throw mistakeAt(text, source, {
      path: ['tests', failing.at, 'expect'],
      text: failing.text,
      fix: 'Correct the policy or the case: a pack with a failing case is not used.',
    })
  return {
    name: read.name,
    about: read.description,
    policies: policies.map((policy) => ({
      ...policy,
      id: `${read.name}/${policy.id}`,
      pack: read.name,
    })),
    cases: read.tests.length,
    text,
  }
}

function unknown(name: string, known: readonly string[]): Fault {
  const near = nearest(name, known)
  return new Fault('not.found', `no pack ${plain(name, 64)}`, {
    hint: `${near === undefined ? '' : `Did you mean ${near}? `}Known: ${known.join(', ') || 'none'}.`,
  })
}

async function textOf(path: string): Promise<string> {
  try {
    return await readBounded(path, MAX_BYTES)
  } catch (cause) {
    const code = errno(cause)
    const why =
      code === 'EFBIG'
        ? `is larger than ${MAX_BYTES / 1024} KiB`
        : `cannot be read (${code ?? 'unknown reason'})`
    throw new Fault('policies.invalid', `${path} ${why}`, {
      hint: `Look at it: ls -l ${path}`,
      cause,
    })
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).flatMap((file) => FILE.exec(file)?.[1] ?? []).slice(0, MAX_PACKS)
  } catch (cause) {
    if (errno(cause) === 'ENOENT') return []
    throw new Fault(
      'policies.invalid',
      `the packs in ${folder} cannot be read (${errno(cause) ?? 'unknown reason'})`,
      { hint: `Look at its owner and mode: ls -ld ${folder}`, cause },
    )
  }
}
