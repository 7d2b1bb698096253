import { basename } from 'node:path'
import { asFault, errno, Fault } from '../../../base/fault.ts'
import { readBounded } from '../../../config/files.ts'
import type { PackStore } from '../packs/store.ts'
import { mayHavePatterns, readyForPatterns } from '../matching/pattern.ts'
import { mistakeAt } from '../../../config/yaml-place.ts'
import { readPolicyText } from './schema.ts'
import type { OperatorPolicy } from '../types.ts'

/** The policies of a text: its own first, then those of the packs that it names. */
export interface PolicyReading {
  text: string
  own: OperatorPolicy[]
  policies: OperatorPolicy[]
  packs: string[]
  /** The texts of the packs, by name. */
  packTexts: Record<string, string>
}
/** A reading, or what is wrong. `packs` are known too if one of them is what is wrong. */
export type PolicyReadResult =
  | (PolicyReading & { missing?: true })
  | { problem: string; packs?: string[] }

export const MAX_POLICY_BYTES = 1024 * 1024
/** Patterns in force: each is compared with every action. */
const MAX_PATTERNS = 500

export const NO_POLICIES_READ: PolicyReading = {
  text: '',
  own: [],
  policies: [],
  packs: [],
  packTexts: {},
}

/** Fault `policies.invalid` with the place of a mistake in the text or of a pack that fails. */
export async function readPolicies(
  text: string,
  file: string,
  store: PackStore,
): Promise<PolicyReading> {
  if (mayHavePatterns(text)) await readyForPatterns()
  const { policies: own, packs } = readPolicyText(text, file)
  const policies = [...own]
  const packTexts: Record<string, string> = {}
  for (const [at, name] of packs.entries()) {
    const pack = await store.read(name).catch((thrown: unknown) => {
      throw packFault(text, file, { at, name, cause: asFault(thrown) })
    })
    policies.push(...pack.policies)
    packTexts[name] = pack.text
  }
  const patterns = policies.filter(({ pattern }) => pattern !== undefined).length
  if (patterns > MAX_PATTERNS)
    throw new Fault(
      'policies.invalid',
      `${file} and its packs have ${patterns} patterns; the limit is ${MAX_PATTERNS}`,
      { hint: 'Use targets, of which there may be thousands, or fewer packs.' },
    )
  return { text, own, policies, packs, packTexts }
}

function packFault(
  text: string,
  file: string,
  { at, name, cause }: { at: number; name: string; cause: Fault },
): Fault {
  const source = { file, code: 'policies.invalid' as const }
  const path = ['packs', at]
  const fix = cause.hint ?? ''
  return cause.code === 'not.found'
    ? mistakeAt(text, source, { path, text: cause.message, fix })
    : mistakeAt(text, source, {
        path,
        text: `the pack ${name} cannot be used: ${cause.message}`,
        fix: `${fix} Or: clawdeck policy pack disable ${name}`.trim(),
      })
}

/** Reads a policy file. A missing file has no policies; any other failure is a problem in words. */
export async function tryRead(path: string, store: PackStore): Promise<PolicyReadResult> {
  const file = basename(path)
  let text: string
  try {
    text = await readBounded(path, MAX_POLICY_BYTES)
  } catch (thrown) {
    if (errno(thrown) === 'ENOENT') return { ...NO_POLICIES_READ, missing: true }
    return { problem: `${file} cannot be read: ${errno(thrown) ?? asFault(thrown).message}` }
  }
  try {
    return await readPolicies(text, file, store)
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
 * Treats an empty or missing file as a problem while policies are in force: an editor may truncate
 * a file before it writes it. An operator who wants no policies writes `policies: []`.
 */
export function refuseEmpty(
  read: PolicyReadResult,
  hasPolicies: boolean,
  file: string,
): PolicyReadResult {
  if (!hasPolicies || !('policies' in read) || read.text.trim() !== '') return read
  const state = read.missing === true ? 'missing' : 'empty'
  return {
    problem: `${file} is ${state}; its last policies stay in force (write \`policies: []\` to have none)`,
  }
}
