import { dirname, join, basename } from 'node:path'
import { asFault, errno, Fault } from '../../base/fault.ts'
import { readBounded, writeAtomic } from '../../config/files.ts'
import { packStoreOf, type PackStore } from './packs/store.ts'
import { mayHavePatterns, readyForPatterns } from './pattern.ts'
import { mistakeAt } from '../../config/yaml-place.ts'
import { readPolicyText } from './policies-schema.ts'
import type { OperatorPolicy } from './types.ts'

/** What a text of `policies.yaml` puts in force: its own policies first, then those of its packs. */
export interface Reading {
  text: string
  own: OperatorPolicy[]
  policies: OperatorPolicy[]
  packs: string[]
  /** The packs' texts, by name. */
  kept: Record<string, string>
}

/** `packs` also of a file whose packs are the mistake. */
export type Read = (Reading & { missing?: true }) | { problem: string; packs?: string[] }

const LARGEST = 1024 * 1024
/** Each is put to every action that an agent asks about. */
const MOST_PATTERNS = 500

export const NOTHING: Reading = { text: '', own: [], policies: [], packs: [], kept: {} }

/** Fault `policies.invalid` with the place: of a mistake in the text, or of the pack that cannot be used and why. */
export async function readWhole(text: string, file: string, shelf: PackStore): Promise<Reading> {
  if (mayHavePatterns(text)) await readyForPatterns()
  const { policies: own, packs } = readPolicyText(text, file)
  const policies = [...own]
  const kept: Record<string, string> = {}
  for (const [at, name] of packs.entries()) {
    const pack = await shelf.read(name).catch((thrown: unknown) => {
      throw unusable(text, file, { at, name, why: asFault(thrown) })
    })
    policies.push(...pack.policies)
    kept[name] = pack.text
  }
  const patterns = policies.filter(({ pattern }) => pattern !== undefined).length
  if (patterns > MOST_PATTERNS)
    throw new Fault(
      'policies.invalid',
      `${file} and its packs have ${patterns} patterns, at most ${MOST_PATTERNS} are in force at once`,
      { hint: 'Use targets, of which there may be thousands, or fewer packs.' },
    )
  return { text, own, policies, packs, kept }
}

function unusable(
  text: string,
  file: string,
  { at, name, why }: { at: number; name: string; why: Fault },
): Fault {
  const missing = why.code === 'not.found'
  return mistakeAt(
    text,
    { file, code: 'policies.invalid' },
    {
      path: ['packs', at],
      text: missing ? why.message : `the pack ${name} cannot be used: ${why.message}`,
      fix: missing
        ? (why.hint ?? '')
        : `${why.hint ?? ''} Or: clawdeck policy pack disable ${name}`.trim(),
    },
  )
}

/** A missing file is one without policies. Every other failure is a problem in words. */
export async function tryRead(path: string, shelf: PackStore): Promise<Read> {
  let text: string
  const file = basename(path)
  try {
    text = await readBounded(path, LARGEST)
  } catch (thrown) {
    if (errno(thrown) === 'ENOENT') return { ...NOTHING, missing: true }
    return { problem: `${file} cannot be read: ${errno(thrown) ?? asFault(thrown).message}` }
  }
  try {
    return await readWhole(text, file, shelf)
  } catch (thrown) {
    const packs = packsOf(text, file)
    return { problem: asFault(thrown).message, ...(packs === undefined ? {} : { packs }) }
  }
}

function packsOf(text: string, file: string): string[] | undefined {
  try {
    return readPolicyText(text, file).packs
  } catch {
    return undefined
  }
}

/**
 * An editor that truncates before it writes, or a file that was moved away, is nobody's wish to drop every block: with
 * policies in force, a file without a single word is a problem. Having none is said by `policies: []`.
 */
export function notVanished(read: Read, some: boolean, file: string): Read {
  if (!some || !('policies' in read) || read.text.trim() !== '') return read
  return {
    problem: `${file} is ${read.missing === true ? 'gone' : 'empty'}; the policies that it held stay in force (write \`policies: []\` to have none)`,
  }
}

/** The last reading without a mistake, with its packs as they were. */
export function lastGood(path: string) {
  const file = join(dirname(path), `.${basename(path)}.good`)
  const packs = join(dirname(path), `.${basename(path)}.packs`)
  let before: Record<string, string> = {}
  const texts = () =>
    readBounded(packs, 64 * LARGEST)
      .then((text) => JSON.parse(text) as Record<string, string>)
      .catch((): Record<string, string> => ({}))
  return {
    async read(): Promise<Read> {
      return tryRead(file, packStoreOf(await texts()))
    },
    /** Whether what is kept is this, without a look at what it means. */
    async is({ text, kept }: Reading): Promise<boolean> {
      if ((await readBounded(file, LARGEST).catch(() => undefined)) !== text) return false
      const there = Object.keys(kept).length === 0 ? {} : await texts()
      return Object.entries(kept).every(([name, pack]) => there[name] === pack)
    },
    /** Packs first, those of the text that still stands among them: a crash between the two writes loses nothing. */
    async keep({ text, kept }: Reading): Promise<void> {
      if (Object.keys(kept).length > 0 || Object.keys(before).length > 0)
        await writeAtomic(packs, JSON.stringify({ ...before, ...kept })).catch(() => undefined)
      await writeAtomic(file, text).catch(() => undefined)
      before = kept
    },
  }
}
