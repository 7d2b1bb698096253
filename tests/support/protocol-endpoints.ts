/** Every endpoint of the protocol, by path. What a path names is written `:`. */
const PATHS = `
POST GET /guard
POST GET DELETE /actions
GET PATCH /actions/:
GET /actions/:/trace
GET /actions/:/graph
GET /actions/signals
GET /signals
POST /actions/:/approve
POST /approvals/:
POST GET /actions/loops
GET PATCH /actions/loops/:
POST GET /assumptions
GET PATCH /assumptions/:
POST GET /actions/assumptions
GET PATCH /actions/assumptions/:
POST /agents/heartbeat
POST GET /agents/connections
POST GET /sessions
GET PATCH /sessions/:
GET /sessions/:/events
POST GET /learning
GET /learning/lessons
POST GET /learning/analytics/velocity
POST GET /learning/analytics/curves
GET /learning/analytics/summary
GET /learning/analytics/maturity
POST GET /learning/recommendations
GET /learning/recommendations/metrics
POST /learning/recommendations/events
PATCH /learning/recommendations/:
POST GET /scoring/profiles
GET PATCH DELETE /scoring/profiles/:
POST /scoring/profiles/:/dimensions
PATCH DELETE /scoring/profiles/:/dimensions/:
POST GET /scoring/score
POST GET /scoring/risk-templates
PATCH DELETE /scoring/risk-templates/:
POST /scoring/calibrate
POST GET /evaluations/scorers
PATCH DELETE /evaluations/scorers/:
POST GET /evaluations
POST GET /evaluations/runs
GET /evaluations/runs/:
GET /evaluations/stats
POST GET /feedback
GET PATCH DELETE /feedback/:
GET /feedback/stats
POST /prompts/render
POST GET /prompts/templates
GET PATCH DELETE /prompts/templates/:
POST GET /prompts/templates/:/versions
POST GET /prompts/templates/:/versions/:
GET /prompts/runs
GET /prompts/stats
POST GET PATCH /messages
GET /messages/:
GET /messages/attachments
POST GET PATCH /messages/threads
POST GET /messages/docs
POST GET /handoffs
POST GET /context/threads
GET PATCH /context/threads/:
POST /context/threads/:/entries
POST GET /context/points
POST GET DELETE /snippets
GET /snippets/:
POST /snippets/:/use
POST GET /preferences
POST /security/scan
POST GET /security/prompt-injection
POST GET /pairings
GET /pairings/:
POST /pairings/:/approve
POST GET /identities
DELETE /identities/:
POST GET DELETE /webhooks
POST /webhooks/:/test
GET /webhooks/:/deliveries
POST GET /orgs
GET PATCH /orgs/:
POST GET DELETE /orgs/:/keys
GET /activity
POST GET PATCH DELETE /policies
POST /policies/test
GET /policies/proof
POST /policies/import
GET /compliance/frameworks
GET /compliance/map
GET /compliance/gaps
GET /compliance/report
GET /compliance/evidence
POST GET /compliance/exports
GET DELETE /compliance/exports/:
GET /compliance/exports/:/download
POST GET /compliance/schedules
PATCH DELETE /compliance/schedules/:
GET /compliance/trends
POST GET /drift/alerts
PATCH DELETE /drift/alerts/:
GET /drift/stats
GET /drift/snapshots
GET /drift/metrics
POST GET /routing/agents
GET PATCH DELETE /routing/agents/:
POST GET /routing/tasks
POST /routing/tasks/:/complete
GET /routing/stats
GET /routing/health
POST GET /agent-schedules
POST GET /goals
POST /content
POST /relationships
POST /calendar
POST /inspiration
POST /memory
POST GET /tokens
GET /digest
POST /sync
GET /stream
POST GET /workflows/templates
GET PATCH DELETE /workflows/templates/:
POST /workflows/templates/:/duplicate
POST /workflows/templates/:/launch
POST GET /model-strategies
GET PATCH DELETE /model-strategies/:
POST GET /knowledge/collections
GET PATCH /knowledge/collections/:
POST GET /knowledge/collections/:/items
POST GET /capabilities
GET /capabilities/health
GET PATCH /capabilities/:
`

/** As `GET /actions/:`. */
export const PROTOCOL_ENDPOINTS: readonly string[] = PATHS.trim()
  .split('\n')
  .flatMap((line) => {
    const words = line.split(' ')
    const path = words.pop() ?? ''
    return words.map((method) => `${method} ${path}`)
  })

/** An endpoint or a client's route, as they are compared: whatever its names are called. */
export function comparable(call: string): string {
  const [method = '', path = ''] = call.split(' ')
  return `${method} /${path.replace(/^\//, '').replace(/:[^/]+/g, ':')}`
}
