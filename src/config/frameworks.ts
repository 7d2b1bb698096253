import * as z from 'zod'
import { shipped } from './data.ts'
import { readYaml } from './yaml.ts'

/** What a policy has to be to count for a control. Besides these, every type of policy. */
export const CONTROL_PATTERNS = [
  'block',
  'require_approval',
  'allowlist',
  'rate_limit',
  'risk_threshold',
  'dry_run',
  'permission_escalation',
  'behavioral_anomaly',
  'green_contract',
  'branch_freshness',
  'any_active_policy',
] as const
export type ControlPattern = (typeof CONTROL_PATTERNS)[number]

const Text = z.string().min(1).max(1000)
const Framework = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,32}$/),
  name: Text,
  version: Text,
  description: Text,
  controls: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(32),
        title: Text,
        category: Text,
        description: Text,
        relevance: z.enum(['critical', 'high', 'medium', 'low']),
        mappings: z.array(
          z.strictObject({
            policy: z.enum(CONTROL_PATTERNS),
            tools: z.array(z.string().min(1).max(64)).min(1),
            coverage: z.enum(['full', 'partial']),
          }),
        ),
        recommendations: z.array(Text).min(1),
      }),
    )
    .min(1),
})

export type ComplianceFramework = z.output<typeof Framework>
export type FrameworkControl = ComplianceFramework['controls'][number]
export type ControlMapping = FrameworkControl['mappings'][number]

const FRAMEWORKS = ['soc2', 'iso27001', 'gdpr', 'nist-ai-rmf', 'imda-agentic'] as const

let known: Promise<ComplianceFramework[]> | undefined

/** The frameworks that ship with the program, read when they are first asked for. */
export function complianceFrameworks(): Promise<readonly ComplianceFramework[]> {
  return (known ??= Promise.all(FRAMEWORKS.map(read)))
}

async function read(id: string): Promise<ComplianceFramework> {
  const path = shipped('templates', 'governance', 'frameworks', `${id}.yaml`)
  const source = { file: `governance/frameworks/${id}.yaml`, code: 'config.invalid' } as const
  return (await readYaml(path, Framework, source)).value
}
