import type { ActivityReader } from '../../domain/governance/activity/read.ts'
import type { Clock } from '../../base/clock.ts'
import type { CheckSecret } from '../../domain/governance/guard/check-secret.ts'
import type { ApiGuard } from '../../domain/governance/guard/service.ts'
import type { ComplianceDesk } from '../../domain/governance/compliance/desk.ts'
import type { ComplianceExports } from '../../domain/governance/compliance/exports.ts'
import type { ComplianceSchedules } from '../../domain/governance/compliance/schedules.ts'
import type { Compliance } from '../../domain/governance/compliance/service.ts'
import type { DriftWatch } from '../../domain/governance/drift/service.ts'
import type { Evaluations } from '../../domain/governance/evaluations/service.ts'
import type { ApiLearning } from '../../domain/governance/learning/service.ts'
import type { Identities } from '../../domain/governance/identities/service.ts'
import type { Admission } from '../../domain/governance/ledger/admission.ts'
import type { LedgerDesk } from '../../domain/governance/ledger/desk.ts'
import type { LedgerReader } from '../../domain/governance/ledger/read.ts'
import type { Ledger } from '../../domain/governance/ledger/service.ts'
import type { Mail } from '../../domain/governance/messages/service.ts'
import type { OrgService } from '../../domain/governance/orgs/types.ts'
import type { ActionWaits } from '../../domain/governance/ledger/waits.ts'
import type { ApiPolicies } from '../../domain/governance/policies/service.ts'
import type { TaskRouter } from '../../domain/governance/routing/service.ts'
import type { RecordStore } from '../../domain/governance/records/service.ts'
import type { Presences } from '../../domain/governance/agents/presence.ts'
import type { SignalReader } from '../../domain/governance/signals/reader.ts'
import type { SignalDesk } from '../../domain/governance/signals/desk.ts'
import type { SignalWatch } from '../../domain/governance/signals/watch.ts'
import type { ApiStream } from '../../domain/governance/stream/stream.ts'

import type { ApiWebhooks } from '../../domain/governance/webhooks/service.ts'

/** What the endpoints of the governance API run on. */
export interface ApiServices {
  clock: Clock
  records: RecordStore
  ledger: Ledger
  /** The ledger for the people of the deck. */
  desk: LedgerDesk
  admission: Admission
  actions: LedgerReader
  guard: ApiGuard
  learning: ApiLearning
  drift: DriftWatch
  evaluations: Evaluations
  policies: ApiPolicies
  compliance: Compliance
  complianceDesk: ComplianceDesk
  complianceExports: ComplianceExports
  complianceSchedules: ComplianceSchedules
  /** By what webhooks of policies know that the deck asks. */
  checkSecret: CheckSecret
  orgs: OrgService
  presences: Presences
  signals: SignalReader
  signalDesk: SignalDesk
  signalWatch: SignalWatch
  stream: ApiStream
  waits: ActionWaits
  identities: Identities
  activity: ActivityReader
  mail: Mail
  routing: TaskRouter
  webhooks: ApiWebhooks
  /** Where people and clients reach the API: `http://127.0.0.1:3700`. */
  baseUrl: () => string
}
