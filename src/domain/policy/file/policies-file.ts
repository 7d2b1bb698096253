import { basename } from 'node:path'
import type { Clock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import { readBounded, writeAtomic } from '../../../config/files.ts'
import type { CompiledPolicies } from '../matching/compiled.ts'
import { packStore, type PackStore } from '../packs/store.ts'
import { PoliciesInForce, type PolicySummary } from './in-force.ts'
import { MAX_POLICY_BYTES, readPolicies, type PolicyReading } from './read.ts'
import { readPolicyText } from './schema.ts'
import { withoutPack, withoutPolicy, withPack, withPolicy } from './text.ts'
import { PolicyWatcher } from './watch.ts'
import type { OperatorPolicy, PolicyFile } from '../types.ts'

export interface PolicyFileParts {
  path: string
  clock: Clock
  /** Called after each change with its author: an actor, or `file` for an edit of the file. */
  changed: (summary: PolicySummary, actor: string) => void
  packs?: PackStore
}

/**
 * `policies.yaml` with the packs that it names, read again whenever it changes. While it, or one of
 * its packs, has a mistake, the last good policies stay in force, even after a restart. If there
 * are none, every action asks a person.
 */
export class LivePolicyFile implements AsyncDisposable {
  readonly #path: string
  readonly #store: PackStore
  readonly #inForce: PoliciesInForce
  readonly #watcher: PolicyWatcher
  /** Changes are made one after another, each to the file as it is then. */
  #queue: Promise<unknown> = Promise.resolve()

  private constructor(
    { path, clock }: PolicyFileParts,
    store: PackStore,
    inForce: PoliciesInForce,
  ) {
    this.#path = path
    this.#store = store
    this.#inForce = inForce
    this.#watcher = new PolicyWatcher(path, clock, () => {
      void this.#inTurn(() => inForce.refresh('file'))
    })
  }

  static async open(parts: PolicyFileParts): Promise<LivePolicyFile> {
    const store = parts.packs ?? packStore([])
    const inForce = await PoliciesInForce.load({ ...parts, packs: store })
    return new LivePolicyFile(parts, store, inForce)
  }

  current(): PolicyFile {
    return this.#inForce.current()
  }

  compiled(): CompiledPolicies {
    return this.#inForce.compiled()
  }

  summary(): PolicySummary {
    return this.#inForce.summary()
  }

  /** The packs that the file names, even while one of them is what is wrong. */
  packs(): readonly string[] {
    return this.#inForce.packs()
  }

  /** Writes a policy at the end of the file. Faults: `policies.invalid`, `name.taken`. */
  async add(policy: OperatorPolicy, actor: string): Promise<OperatorPolicy> {
    await this.#inTurn(() =>
      this.#rewrite(actor, ({ text, own }) => {
        refuseTaken(policy, own)
        return withPolicy(text, policy)
      }),
    )
    return policy
  }

  /**
   * Removes a policy from the file and returns it. Faults: `policies.invalid`, `not.found`,
   * `not.possible` for a policy of a pack.
   */
  async remove(id: string, actor: string): Promise<OperatorPolicy> {
    let removed: OperatorPolicy | undefined
    await this.#inTurn(() =>
      this.#rewrite(actor, (reading) => {
        const at = indexOf(id, reading)
        removed = reading.own[at]
        return withoutPolicy(reading.text, at)
      }),
    )
    return removed as OperatorPolicy
  }

  /** Adds a pack to the file. Faults: `not.found`, `policies.invalid` also for an invalid pack. */
  enable(pack: string, actor: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#store.read(pack)
      if (!this.packs().includes(pack))
        await this.#rewrite(actor, ({ text }) => withPack(text, pack))
    })
  }

  /** Removes a pack from the file, even an invalid one. Fault `policies.invalid` for the file. */
  disable(pack: string, actor: string): Promise<void> {
    return this.#inTurn(async () => {
      const before = await readBounded(this.#path, MAX_POLICY_BYTES).catch(() => '')
      if (!readPolicyText(before, basename(this.#path)).packs.includes(pack)) return
      await writeAtomic(this.#path, withoutPack(before, pack))
      await this.#inForce.refresh(actor)
    })
  }

  /** The policies of another text, and of the packs that it names. Fault `policies.invalid`. */
  async read(text: string, name: string): Promise<OperatorPolicy[]> {
    return (await readPolicies(text, name, this.#store)).policies
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher[Symbol.asyncDispose]()
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(change)
    this.#queue = turn.catch(() => undefined)
    return turn
  }

  /** Writes a new text, if the file as it is and the new text are both valid. */
  async #rewrite(actor: string, textAfter: (before: PolicyReading) => string): Promise<void> {
    const before = await this.#inForce.read()
    if ('problem' in before)
      throw new Fault('policies.invalid', before.problem, {
        hint: `Correct ${this.#path} first: a file with a mistake is not changed.`,
      })
    const after = textAfter(before)
    await readPolicies(after, basename(this.#path), this.#store)
    await writeAtomic(this.#path, after)
    await this.#inForce.refresh(actor)
  }
}

function refuseTaken({ id }: OperatorPolicy, policies: readonly OperatorPolicy[]): void {
  if (policies.some((policy) => policy.id === id))
    throw new Fault('name.taken', `there is already a policy ${id}`, {
      hint: 'Choose another id, or remove that one first.',
    })
}

function indexOf(id: string, { own, policies }: PolicyReading): number {
  const pack = policies.find((policy) => policy.id === id)?.pack
  if (pack !== undefined)
    throw new Fault('not.possible', `${id} belongs to the pack ${pack}`, {
      hint: `clawdeck policy pack disable ${pack} removes the whole pack. A policy of your own can be stricter than a pack's, but not less strict.`,
    })
  const at = own.findIndex((policy) => policy.id === id)
  if (at < 0)
    throw new Fault('not.found', `no policy ${id}`, { hint: '`clawdeck policy list` shows them.' })
  return at
}
