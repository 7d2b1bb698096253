// The public surface of `clawdeck/client`, written out: see src/client/README.md.
export {
  DeckClient,
  DeckClient as DashClaw,
  DeckClient as OpenClawAgent,
  type ActionContext,
  type NewAction,
} from './core/deck-client.ts'
export {
  ApprovalDeniedError,
  ApprovalExpiredError,
  DeckClientError,
  DeckClientError as DashClawError,
  GuardBlockedError,
  WaitTimeoutError,
  type BlockingDecision,
  type ErrorFacts,
} from './core/errors.ts'
export { canonicalText as canonicalJson } from './core/canonical.ts'
export {
  generateAgentKeys,
  publicKeyPemOf,
  type ClientKeyPair,
  type PrivateKeySource,
  type RsaJwk,
} from './core/keys.ts'
export type { ApprovalWaitOptions, ApprovedAction } from './core/approval.ts'
export type { ClientEvent, ClientEventStream, EventStreamOptions } from './core/events.ts'
export type { AdviceMode, ClientOptions } from './core/options.ts'
export type { JsonRecord } from './core/route.ts'
export type { DownloadedFile } from './core/transport.ts'
export type { PairingWaitOptions, TrackedWork } from './core/work.ts'
export type { WrapOptions } from './core/wrap-client.ts'
export type { ActionRecommendation, AdaptedAction } from './routes/learning.ts'
export type { AgentMessage } from './routes/messages.ts'
export type { AgentPairing } from './routes/security.ts'
export type {
  ActionStatus,
  CreatedAction,
  GuardAnswer,
  LedgerAction,
  LedgerActionAnswer,
  LedgerAssumption,
  OpenLoop,
  RiskSignal,
  WriteSecurity,
} from './routes/rows.ts'
