import { activityEndpoints } from './resources/admin/activity.ts'
import { actionEndpoints } from './resources/actions.ts'
import { complianceEndpoints } from './resources/compliance.ts'
import { contextEndpoints } from './resources/context.ts'
import { guardEndpoints } from './resources/guard.ts'
import { streamEndpoints } from './resources/stream.ts'
import { libraryEndpoints } from './resources/library.ts'
import { messageEndpoints } from './resources/messages.ts'
import { preferenceEndpoints } from './resources/preferences.ts'
import { routingEndpoints } from './resources/routing.ts'
import { scheduleEndpoints } from './resources/schedules.ts'
import { studioEndpoints } from './resources/studio.ts'
import { workEndpoints } from './resources/work.ts'
import { policyEndpoints } from './resources/policies.ts'
import { identityEndpoints } from './resources/admin/identities.ts'
import { orgEndpoints } from './resources/admin/orgs.ts'
import { securityEndpoints } from './resources/admin/security.ts'
import { webhookEndpoints } from './resources/admin/webhooks.ts'
import { driftEndpoints } from './resources/drift.ts'
import { evaluationEndpoints } from './resources/evaluations.ts'
import { feedbackEndpoints } from './resources/feedback.ts'
import { learningAnalyticsEndpoints } from './resources/learning/analytics.ts'
import { learningDecisionEndpoints } from './resources/learning/decisions.ts'
import { recommendationEndpoints } from './resources/learning/recommendations.ts'
import { promptEndpoints } from './resources/prompts.ts'
import { scoringProfileEndpoints } from './resources/scoring/profiles.ts'
import { riskTemplateEndpoints } from './resources/scoring/risk-templates.ts'
import { scoreEndpoints } from './resources/scoring/scores.ts'
import { assumptionEndpoints } from './resources/ledger/assumptions.ts'
import { loopEndpoints } from './resources/ledger/loops.ts'
import { presenceEndpoints } from './resources/agents/presence.ts'
import { sessionEndpoints } from './resources/agents/sessions.ts'
import { usageEndpoints } from './resources/usage.ts'
import { digestEndpoints } from './resources/digest.ts'
import { signalEndpoints } from './resources/ledger/signals.ts'
import { traceEndpoints } from './resources/ledger/traces.ts'
import { workflowEndpoints } from './resources/workflows.ts'
import { syncEndpoint } from './sync.ts'
import type { Endpoint } from './endpoint.ts'

const resources: readonly Endpoint[] = [
  ...guardEndpoints,
  ...actionEndpoints,
  ...streamEndpoints,
  ...contextEndpoints,
  ...libraryEndpoints,
  ...messageEndpoints,
  ...preferenceEndpoints,
  ...routingEndpoints,
  ...scheduleEndpoints,
  ...studioEndpoints,
  ...workEndpoints,
  ...policyEndpoints,
  ...complianceEndpoints,
  ...securityEndpoints,
  ...identityEndpoints,
  ...orgEndpoints,
  ...activityEndpoints,
  ...webhookEndpoints,
  ...learningDecisionEndpoints,
  ...learningAnalyticsEndpoints,
  ...recommendationEndpoints,
  ...scoringProfileEndpoints,
  ...scoreEndpoints,
  ...riskTemplateEndpoints,
  ...evaluationEndpoints,
  ...feedbackEndpoints,
  ...promptEndpoints,
  ...driftEndpoints,
  ...loopEndpoints,
  ...assumptionEndpoints,
  ...traceEndpoints,
  ...workflowEndpoints,
  ...signalEndpoints,
  ...presenceEndpoints,
  ...sessionEndpoints,
  ...usageEndpoints,
  ...digestEndpoints,
]

/** Every endpoint of the governance API, by resource. */
export const apiEndpoints: readonly Endpoint[] = [...resources, syncEndpoint(resources)]
