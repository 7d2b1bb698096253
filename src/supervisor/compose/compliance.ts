import type { Clock } from '../../base/clock.ts'
import type { ApiServices } from '../../commands/api/services.ts'
import { complianceFrameworks } from '../../config/frameworks.ts'
import { ComplianceDesk } from '../../domain/governance/compliance/desk.ts'
import { ComplianceExports } from '../../domain/governance/compliance/exports.ts'
import { ComplianceScheduler } from '../../domain/governance/compliance/scheduler.ts'
import { ComplianceSchedules } from '../../domain/governance/compliance/schedules.ts'
import { Compliance } from '../../domain/governance/compliance/service.ts'
import type { Journal } from '../../journal/journal.ts'

interface ComplianceParts extends Pick<ApiServices, 'records' | 'actions' | 'policies' | 'orgs'> {
  journal: Journal
  clock: Clock
  log: (what: string) => void
}

/** Compliance, its exports, and what makes those that are scheduled. */
export function composeCompliance(
  context: ComplianceParts,
  parts: AsyncDisposableStack,
): Pick<
  ApiServices,
  'compliance' | 'complianceDesk' | 'complianceExports' | 'complianceSchedules'
> {
  const { records, clock, log } = context
  const compliance = new Compliance({ ...context, frameworks: complianceFrameworks })
  const complianceExports = new ComplianceExports(records, compliance)
  const complianceSchedules = new ComplianceSchedules({ records, compliance, clock })
  parts.use(
    new ComplianceScheduler({
      ...context,
      schedules: complianceSchedules,
      exports: complianceExports,
      problem: log,
    }),
  )
  const complianceDesk = new ComplianceDesk({ ...context, compliance })
  return { compliance, complianceDesk, complianceExports, complianceSchedules }
}
