import { glob } from '../../../base/glob.ts'
import type { Table } from '../../../command-analysis/programs/table.ts'
import { programs } from '../../../config/programs.ts'
import type { OperatorPolicy } from '../types.ts'
import { EgressPolicies } from './egress-policies.ts'
import { coveredPieces, missingFor, permissionOf } from './permission.ts'
import { PolicyIndex, type IndexedPolicy } from './policy-index.ts'
import type { PolicyMatch } from './policy-match.ts'
import { ActionTexts, matchRestriction, restrictionOf } from './restriction.ts'
import type { ActionView } from './view.ts'

export interface PolicyQuery {
  readonly view: ActionView
  readonly agent: string
  readonly template: string
  readonly risk: number
}

/** The operator's policies, ready to be compared with questions. */
export interface CompiledPolicies {
  readonly all: readonly OperatorPolicy[]
  readonly table: Table
  /** The policies that match, in the order of the file. */
  matching(query: PolicyQuery): PolicyMatch[]
  /** Entries of `egress` that name this address, or a network that contains it. */
  forAddress(
    address: string,
    port: number,
    who: Pick<PolicyQuery, 'agent' | 'template'>,
  ): OperatorPolicy[]
  /** Whether an entry of `egress` names exactly this host. */
  namesHost(host: string): boolean
}

const ANY_TYPE = '*'

/** If a policy has a pattern, await `readyForPatterns` before. Fault `policies.invalid`. */
export function compilePolicies(
  policies: readonly OperatorPolicy[],
  table: Table = programs(),
): CompiledPolicies {
  const byType = new Map<string, PolicyIndex>()
  const egress = new EgressPolicies()
  for (const [order, policy] of policies.entries()) {
    if (policy.egress !== undefined) {
      egress.add(policy, policy.egress, order)
      continue
    }
    const type = policy.type ?? ANY_TYPE
    const index = byType.get(type) ?? new PolicyIndex()
    byType.set(type, index)
    index.add(compiled(policy, order, table))
  }
  return {
    all: policies,
    table,
    forAddress: (address, port, who) =>
      egress.forAddress(address, port).filter((policy) => isOf(policy, who)),
    namesHost: (host) => egress.namesHost(host),
    matching(query) {
      const found = new Set<IndexedPolicy>()
      const texts = new ActionTexts(query.view)
      for (const type of [query.view.action.type, ANY_TYPE])
        byType.get(type)?.collect(query.view, texts, found)
      const matches = [...found]
        .filter(({ policy }) => isFor(policy, query))
        .toSorted((a, b) => a.order - b.order)
        .flatMap((indexed) => matchOf(indexed, query.view, texts) ?? [])
      const ways = egress.matching(query.view).filter(({ policy }) => isFor(policy, query))
      return ways.length === 0 ? matches : [...matches, ...ways]
    },
  }
}

function compiled(policy: OperatorPolicy, order: number, table: Table): IndexedPolicy {
  return isRestrictive(policy)
    ? { policy, order, restriction: restrictionOf(policy, table) }
    : { policy, order, permission: permissionOf(policy) }
}

/** Whether a policy asks or blocks. */
export function isRestrictive({ effect }: Pick<OperatorPolicy, 'effect'>): boolean {
  return effect === 'block' || effect === 'ask'
}

function isFor(policy: OperatorPolicy, { agent, template, risk }: PolicyQuery): boolean {
  if (risk < (policy.riskAtLeast ?? 0) || risk > (policy.riskAtMost ?? 100)) return false
  return isOf(policy, { agent, template })
}

function isOf(
  policy: OperatorPolicy,
  { agent, template }: Pick<PolicyQuery, 'agent' | 'template'>,
): boolean {
  if (policy.agent !== undefined && !glob(policy.agent, agent)) return false
  return policy.template === undefined || glob(policy.template, template)
}

const NO_PIECES: ReadonlySet<number> = new Set()

function matchOf(
  indexed: IndexedPolicy,
  view: ActionView,
  texts: ActionTexts,
): PolicyMatch | undefined {
  const { policy } = indexed
  if ('permission' in indexed) {
    const pieces = coveredPieces(indexed.permission, view)
    const missing = missingFor(indexed.permission, view)
    if (pieces.size === 0 && missing === undefined) return undefined
    return { policy, isCertain: false, pieces, missing }
  }
  const isAboutEverything = policy.target === undefined && policy.pattern === undefined
  const likelihood = isAboutEverything
    ? 'certain'
    : matchRestriction(indexed.restriction, view, texts)
  if (likelihood === 'none') return undefined
  return { policy, isCertain: likelihood === 'certain', pieces: NO_PIECES, missing: undefined }
}
