import { basename } from 'node:path'
import { canonical, sha256 } from '../../../base/canonical.ts'
import type { Clock } from '../../../base/clock.ts'
import { compilePolicies, type CompiledPolicies } from '../matching/compiled.ts'
import type { PackStore } from '../packs/store.ts'
import { LastGoodPolicies } from './last-good.ts'
import {
  NO_POLICIES_READ,
  refuseEmpty,
  tryRead,
  type PolicyReading,
  type PolicyReadResult,
} from './read.ts'
import type { OperatorPolicy, PolicyFile } from '../types.ts'

/** What is journalled of a change: which policies, how many, and what is wrong with the file. */
export interface PolicySummary {
  hash: string
  count: number
  problem: string | null
}

export interface PoliciesInForceParts {
  path: string
  clock: Clock
  packs: PackStore
  /** Called after each change with its author: an actor, or `file` for an edit of the file. */
  changed: (summary: PolicySummary, actor: string) => void
}

interface Loaded {
  reading: PolicyReading
  /** The packs that the file names, even while one of them is what is wrong. */
  packs: readonly string[]
  problem: string | null
  loadedAt: number
}

/** The policies of `policies.yaml`, or the last good ones while the file has a mistake. */
export class PoliciesInForce {
  readonly #parts: PoliciesInForceParts
  readonly #lastGood: LastGoodPolicies
  #loaded: Loaded
  #compiled: CompiledPolicies
  #version: string | undefined

  private constructor(
    parts: PoliciesInForceParts,
    { lastGood, loaded }: { lastGood: LastGoodPolicies; loaded: Loaded },
  ) {
    this.#parts = parts
    this.#lastGood = lastGood
    this.#loaded = loaded
    this.#compiled = compilePolicies(loaded.reading.policies)
    this.#version = loaded.problem === null ? versionOf(loaded.reading) : undefined
  }

  static async load(parts: PoliciesInForceParts): Promise<PoliciesInForce> {
    const lastGood = new LastGoodPolicies(parts.path)
    const loaded = await loadFirst(parts, lastGood)
    if (loaded.problem === null && !(await lastGood.equals(loaded.reading)))
      await lastGood.save(loaded.reading)
    return new PoliciesInForce(parts, { lastGood, loaded })
  }

  current(): PolicyFile {
    const { reading, problem, loadedAt } = this.#loaded
    return { policies: reading.policies, path: this.#parts.path, problem, loadedAt }
  }

  compiled(): CompiledPolicies {
    return this.#compiled
  }

  /** The packs that the file names, even while one of them is what is wrong. */
  packs(): readonly string[] {
    return this.#loaded.packs
  }

  summary(): PolicySummary {
    const { reading, problem } = this.#loaded
    const { policies } = reading
    return { hash: sha256(canonical(policies)), count: policies.length, problem }
  }

  /** Reads the file as it is now. */
  async read(): Promise<PolicyReadResult> {
    const { path, packs } = this.#parts
    const hasPolicies = this.#loaded.reading.policies.length > 0
    return refuseEmpty(await tryRead(path, packs), hasPolicies, basename(path))
  }

  /** Reads the file, and puts its policies in force if it has no mistake. */
  async refresh(actor: string): Promise<void> {
    const before = canonical(this.summary())
    const read = await this.read()
    const packs = read.packs ?? this.#loaded.packs
    if ('policies' in read) {
      const version = versionOf(read)
      const isNew = version !== this.#version
      this.#version = version
      const loadedAt = this.#parts.clock.now()
      this.#loaded = { reading: read, packs, problem: null, loadedAt }
      if (isNew) {
        this.#compiled = compilePolicies(read.policies)
        await this.#lastGood.save(read)
      }
    } else {
      this.#loaded = { ...this.#loaded, packs, problem: read.problem }
    }
    const summary = this.summary()
    if (canonical(summary) !== before) this.#parts.changed(summary, actor)
  }
}

function versionOf({ text, packTexts }: PolicyReading): string {
  return canonical([text, packTexts])
}

/**
 * The file, or where it has a mistake the last good policies, or else a policy that always asks.
 */
async function loadFirst(
  { path, clock, packs: store }: PoliciesInForceParts,
  lastGood: LastGoodPolicies,
): Promise<Loaded> {
  const file = basename(path)
  const loadedAt = clock.now()
  const found = await tryRead(path, store)
  if ('policies' in found && found.text.trim() !== '')
    return { reading: found, packs: found.packs, problem: null, loadedAt }
  const good = await lastGood.read()
  const read = refuseEmpty(found, 'policies' in good && good.policies.length > 0, file)
  const packs = read.packs ?? good.packs ?? []
  if ('policies' in read) return { reading: read, packs, problem: null, loadedAt }
  const { problem } = read
  if ('policies' in good && good.text !== '') return { reading: good, packs, problem, loadedAt }
  return { reading: { ...NO_POLICIES_READ, policies: [askAlways(file)] }, packs, problem, loadedAt }
}

function askAlways(file: string): OperatorPolicy {
  return {
    id: 'no-policies',
    effect: 'ask',
    reason: `${file} has a mistake, and there is no earlier version`,
  }
}
