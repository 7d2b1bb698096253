import { EgressIndex, type EgressLikelihood } from '../../egress/matching/rule-index.ts'
import { readNetTarget } from '../../egress/matching/target.ts'
import type { EgressMatch } from '../../egress/matching/types.ts'
import type { Action, OperatorPolicy } from '../types.ts'
import { hostOf } from './address.ts'
import type { PolicyMatch } from './policy-match.ts'
import type { ActionView } from './view.ts'

interface OrderedPolicy {
  policy: OperatorPolicy
  order: number
}

const NO_PIECES: ReadonlySet<number> = new Set()
const NOT_SEEN = 'a tunnel, of which methods and paths are not seen'

/** The entries of `egress`: policies about where requests go. */
export class EgressPolicies {
  readonly #index = new EgressIndex<OrderedPolicy>()

  add(policy: OperatorPolicy, match: EgressMatch, order: number): void {
    this.#index.add({ policy, order }, match, allows(policy))
  }

  /** Those that match, in the order of the file. */
  matching(view: ActionView): PolicyMatch[] {
    if (this.#index.size === 0 || view.action.type !== 'net') return []
    const found = new Map<OrderedPolicy, { likelihood: EgressLikelihood; pieces: Set<number> }>()
    for (const [at, target] of targetsIn(view).entries())
      for (const { item, likelihood } of findIn(this.#index, target)) {
        const before = found.get(item) ?? { likelihood, pieces: new Set() }
        if (likelihood === 'certain') before.pieces.add(at)
        if (likelihood === 'certain') before.likelihood = likelihood
        found.set(item, before)
      }
    return [...found]
      .toSorted(([a], [b]) => a.order - b.order)
      .flatMap(([{ policy }, { likelihood, pieces }]): PolicyMatch[] => {
        if (!allows(policy))
          return [
            { policy, isCertain: likelihood === 'certain', pieces: NO_PIECES, missing: undefined },
          ]
        const missing = pieces.size === 0 ? NOT_SEEN : undefined
        return [{ policy, isCertain: false, pieces, missing }]
      })
  }

  /** The entries that name an address, or a network that contains it. */
  forAddress(address: string, port: number): OperatorPolicy[] {
    return this.#index.forAddress(address, port).map(({ policy }) => policy)
  }

  namesHost(host: string): boolean {
    return this.#index.namesHost(host)
  }
}

function allows({ effect }: OperatorPolicy): boolean {
  return effect === 'allow' || effect === 'warn'
}

function targetsIn({ pieces, action }: ActionView): Action[] {
  return (pieces ?? []).map((piece) => ('target' in piece ? piece.target : action))
}

function findIn<T>(
  index: EgressIndex<T>,
  { target }: Action,
): { item: T; likelihood: EgressLikelihood }[] {
  const read = readNetTarget(target)
  if (read !== undefined) return index.find(read)
  // What cannot be read is covered by nothing, but could be what a rule restricts.
  const host = hostOf(target)?.replace(/^\[|\]$/g, '') ?? ''
  const whole = { port: undefined, method: undefined, path: undefined }
  return index
    .find({ ...whole, host, isAddress: /^[0-9.]+$|:/.test(host) })
    .map(({ item }) => ({ item, likelihood: 'possible' }))
}
