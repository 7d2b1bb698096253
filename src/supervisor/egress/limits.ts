import type { OperatorPolicy } from '../../domain/policy/types.ts'
import type { CompiledPolicies } from '../../domain/policy/matching/compiled.ts'
import { TokenBucket } from '../../wire/token-bucket.ts'

const MIB = 1024 * 1024

/** Entries of `egress` that limit what they allow, by id. */
const limited = new WeakMap<CompiledPolicies, ReadonlyMap<string, OperatorPolicy>>()

function limitedIn(policies: CompiledPolicies): ReadonlyMap<string, OperatorPolicy> {
  let known = limited.get(policies)
  if (known === undefined) {
    const found = policies.all.filter(
      ({ egress }) => egress?.maxMiB !== undefined || egress?.perMinute !== undefined,
    )
    known = new Map(found.map((policy) => [policy.id, policy]))
    limited.set(policies, known)
  }
  return known
}

/** How often one agent used each entry of `egress` that says how often. */
export class FlowLimits {
  readonly #policies: () => CompiledPolicies
  readonly #rates = new Map<string, { perMinute: number; bucket: TokenBucket }>()

  constructor(policies: () => CompiledPolicies) {
    this.#policies = policies
  }

  /** How much a flow that these allow may carry, and which of them allows no more for now. */
  of(ids: readonly string[]): { maxBytes: number; tooOften: string | undefined } {
    const known = limitedIn(this.#policies())
    let maxBytes = Infinity
    let tooOften: string | undefined
    for (const id of known.size === 0 ? [] : ids) {
      const { maxMiB, perMinute } = known.get(id)?.egress ?? {}
      if (maxMiB !== undefined) maxBytes = Math.min(maxBytes, maxMiB * MIB)
      if (perMinute !== undefined && this.#bucket(id, perMinute).take(1) > 0) tooOften = id
    }
    return { maxBytes, tooOften }
  }

  #bucket(id: string, perMinute: number): TokenBucket {
    const known = this.#rates.get(id)
    if (known?.perMinute === perMinute) return known.bucket
    const bucket = new TokenBucket({ burst: perMinute, perSecond: perMinute / 60 })
    this.#rates.set(id, { perMinute, bucket })
    return bucket
  }
}
