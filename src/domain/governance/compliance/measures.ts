import { glob } from '../../../base/glob.ts'
import type { ControlMapping, FrameworkControl } from '../../../config/frameworks.ts'
import { readPolicySettings } from '../policies/settings.ts'
import type { ApiPolicy, PolicySettings } from '../policies/types.ts'

/** What a policy does, as far as a control asks. */
export interface PolicyMeasure {
  id: string
  description: string
  /** Tools or types of action that it concerns; `*`: all. */
  tools: readonly string[]
  effect: 'block' | 'approval' | 'none'
  /** It acts on its tools under a further condition only. */
  conditional: boolean
  hasAllowlist: boolean
  /** Its type, and `dry_run` if its rules say so. */
  tags: readonly string[]
}

/** The active policies as measures. One whose rules cannot be read shows nothing. */
export function policyMeasures(policies: readonly ApiPolicy[]): PolicyMeasure[] {
  return policies.flatMap((policy) => {
    if (!policy.active) return []
    const read = readPolicySettings(policy.policy_type, policy.rules)
    return 'problems' in read ? [] : [measureOf(policy, read.settings)]
  })
}

function measureOf(policy: ApiPolicy, settings: PolicySettings): PolicyMeasure {
  const byType = settings.type === 'require_approval' || settings.type === 'block_action_type'
  const tools = 'actionTypes' in settings ? settings.actionTypes : []
  const rules = JSON.parse(policy.rules) as Record<string, unknown>
  return {
    id: policy.id,
    description: policy.name,
    tools: tools.length > 0 ? tools : ['*'],
    effect: effectOf(settings),
    conditional: !byType,
    hasAllowlist: settings.type === 'block_action_type' && settings.allowlist.length > 0,
    tags: rules['dry_run'] === true ? [settings.type, 'dry_run'] : [settings.type],
  }
}

/** What a policy does when it applies. One that only warns neither blocks nor holds. */
function effectOf(settings: PolicySettings): PolicyMeasure['effect'] {
  if (settings.type === 'webhook_check') return 'approval'
  if (settings.action === 'block') return 'block'
  return settings.action === 'require_approval' ? 'approval' : 'none'
}

export type Coverage = 'full' | 'partial'

/** How far a policy covers a mapping of a control, or undefined if it does not match. */
export function mappingCoverage(
  measure: PolicyMeasure,
  mapping: ControlMapping,
): Coverage | undefined {
  if (!toolsMeet(measure.tools, mapping.tools)) return undefined
  switch (mapping.policy) {
    case 'any_active_policy':
      return mapping.coverage
    case 'block':
      return measure.effect === 'block' ? atMost(measure, mapping.coverage) : undefined
    case 'require_approval':
      return measure.effect === 'approval' ? atMost(measure, mapping.coverage) : undefined
    case 'allowlist':
      return measure.hasAllowlist ? mapping.coverage : undefined
    default:
      return measure.tags.includes(mapping.policy) ? mapping.coverage : undefined
  }
}

/** What blocks or holds under a condition only covers a control in part. */
function atMost({ conditional }: PolicyMeasure, coverage: Coverage): Coverage {
  return conditional ? 'partial' : coverage
}

function toolsMeet(tools: readonly string[], wanted: readonly string[]): boolean {
  return wanted.some(
    (want) =>
      want === '*' || tools.some((tool) => tool === want || glob(tool, want) || glob(want, tool)),
  )
}

/** A policy that matches a control, as the wire shows it. */
export interface MatchedPolicy {
  policy_id: string
  policy_description: string
  mapping_coverage: Coverage
  rationale: string
}

/** The policies that match a control, each once with the most that it covers. */
export function matchedPolicies(
  control: FrameworkControl,
  measures: readonly PolicyMeasure[],
): MatchedPolicy[] {
  return measures.flatMap((measure) => {
    const found = control.mappings.flatMap((mapping) => {
      const coverage = mappingCoverage(measure, mapping)
      return coverage === undefined ? [] : [{ mapping, coverage }]
    })
    const best = found.find(({ coverage }) => coverage === 'full') ?? found[0]
    if (best === undefined) return []
    return [
      {
        policy_id: measure.id,
        policy_description: measure.description,
        mapping_coverage: best.coverage,
        rationale: rationale(measure, best.mapping),
      },
    ]
  })
}

const DOES: Readonly<Record<PolicyMeasure['effect'], string>> = {
  block: 'blocks',
  approval: 'requires approval for',
  none: 'watches',
}

function rationale(measure: PolicyMeasure, { policy, tools }: ControlMapping): string {
  const what = measure.tools.includes('*') ? 'all actions' : measure.tools.join(', ')
  const when = measure.conditional ? ' under its condition' : ''
  const asked =
    policy === 'any_active_policy' ? 'any active policy' : `${policy} on ${tools.join(', ')}`
  return `It ${DOES[measure.effect]} ${what}${when}; the control asks for ${asked}.`
}
