import type { ImportedEntry } from '../../../config/api-packs.ts'
import { readPolicySettings } from '../policies/settings.ts'

/** A policy as it is stored after an import. */
export interface ImportedPolicy {
  name: string
  policy_type: string
  /** JSON text. */
  rules: string
}

export interface PolicyImportPlan {
  policies: readonly ImportedPolicy[]
  /** How many have the name of a policy that is there, or of an earlier one of the import. */
  skipped: number
  /** One line per policy that cannot be stored. */
  errors: readonly string[]
}

/** What an import adds to policies of these names. */
export function policyImportPlan(
  entries: readonly ImportedEntry[],
  existing: ReadonlySet<string>,
): PolicyImportPlan {
  const names = new Set(existing)
  const policies: ImportedPolicy[] = []
  const errors: string[] = []
  let skipped = 0
  for (const entry of entries) {
    const policy = importedPolicy(entry)
    const read = readPolicySettings(policy.policy_type, policy.rules)
    if (names.has(policy.name)) skipped++
    else if ('problems' in read) errors.push(`${policy.name}: ${read.problems.join('; ')}`)
    else {
      names.add(policy.name)
      policies.push(policy)
    }
  }
  return { policies, skipped, errors }
}

function importedPolicy(entry: ImportedEntry): ImportedPolicy {
  if ('policy_type' in entry) {
    const { policy_type, rules } = entry
    const name = entry.name ?? entry.description ?? entry.id ?? policy_type
    return { name, policy_type, rules: JSON.stringify(rules) }
  }
  const { id, description, applies_to, rule, tests } = entry
  return {
    name: description ?? id,
    policy_type: rule.require === 'approval' ? 'require_approval' : 'block_action_type',
    rules: JSON.stringify({
      action_types: applies_to.tools,
      ...rule,
      ...(tests === undefined ? {} : { tests }),
    }),
  }
}
