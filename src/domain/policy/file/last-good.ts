import { basename, dirname, join } from 'node:path'
import { readBounded, writeAtomic } from '../../../config/files.ts'
import { storedPacks } from '../packs/store.ts'
import { MAX_POLICY_BYTES, tryRead, type PolicyReading, type PolicyReadResult } from './read.ts'

const MAX_PACK_BYTES = 64 * MAX_POLICY_BYTES

/** The last policies without a mistake and their packs, kept next to `policies.yaml`. */
export class LastGoodPolicies {
  readonly #file: string
  readonly #packFile: string
  #saved: Record<string, string> = {}

  constructor(path: string) {
    this.#file = join(dirname(path), `.${basename(path)}.good`)
    this.#packFile = join(dirname(path), `.${basename(path)}.packs`)
  }

  async read(): Promise<PolicyReadResult> {
    return tryRead(this.#file, storedPacks(await this.#packTexts()))
  }

  /** Whether these are the policies that are kept. Compares texts only. */
  async equals({ text, packTexts }: PolicyReading): Promise<boolean> {
    const kept = await readBounded(this.#file, MAX_POLICY_BYTES).catch(() => undefined)
    if (kept !== text) return false
    const packs = Object.keys(packTexts).length === 0 ? {} : await this.#packTexts()
    return Object.entries(packTexts).every(([name, pack]) => packs[name] === pack)
  }

  /** Writes packs first, with those of the text before: a crash between the writes loses none. */
  async save({ text, packTexts }: PolicyReading): Promise<void> {
    const packs = { ...this.#saved, ...packTexts }
    if (Object.keys(packs).length > 0)
      await writeAtomic(this.#packFile, JSON.stringify(packs)).catch(() => undefined)
    await writeAtomic(this.#file, text).catch(() => undefined)
    this.#saved = packTexts
  }

  #packTexts(): Promise<Record<string, string>> {
    return readBounded(this.#packFile, MAX_PACK_BYTES)
      .then((text) => JSON.parse(text) as Record<string, string>)
      .catch((): Record<string, string> => ({}))
  }
}
