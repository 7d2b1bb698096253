/** What is known of a failure: all of it optional but the code. */
export interface ErrorFacts {
  /** The server's own `code`; else `HTTP_<status>`, or one of the codes of this library. */
  readonly code: string
  /** The HTTP status; absent if there was no answer. */
  readonly status?: number | undefined
  /** `details` of the answer: for a failed validation a list of sentences. */
  readonly details?: unknown
  /** The whole answer, as far as it was JSON. */
  readonly body?: unknown
  /** What `Retry-After` asked for. */
  readonly retryAfterSeconds?: number | undefined
  readonly cause?: unknown
}

/**
 * Whatever goes wrong in this library. Codes of its own: `INVALID_ARGUMENT` (nothing was sent),
 * `NETWORK`, `TIMEOUT`, `ABORTED`, `INVALID_RESPONSE`, `SIGNING_FAILED`, `STREAM_ENDED`.
 */
export class DeckClientError extends Error {
  override name = 'DeckClientError'
  readonly code: string
  readonly status: number | undefined
  readonly details: unknown
  readonly body: unknown
  readonly retryAfterSeconds: number | undefined

  constructor(message: string, facts: ErrorFacts) {
    super(message, { cause: facts.cause })
    this.code = facts.code
    this.status = facts.status
    this.details = facts.details
    this.body = facts.body
    this.retryAfterSeconds = facts.retryAfterSeconds
  }
}

/** What the guard decided, as far as an error tells of it. */
export interface BlockingDecision {
  readonly decision: string
  readonly reason?: string | null
  readonly reasons?: readonly string[]
  readonly warnings?: readonly string[]
  readonly matched_policies?: readonly string[]
  readonly risk_score?: number | null
}

/** A policy blocked the action, or `guardMode: 'enforce'` found that it may not simply run. */
export class GuardBlockedError extends DeckClientError {
  override name = 'GuardBlockedError'
  readonly decision: BlockingDecision
  readonly reasons: readonly string[]
  readonly warnings: readonly string[]
  readonly matchedPolicies: readonly string[]
  readonly riskScore: number | null

  constructor(decision: BlockingDecision, body?: unknown) {
    const reasons = texts(decision.reasons)
    const why = decision.reason ?? (reasons.length > 0 ? reasons.join('; ') : undefined)
    super(why ?? `Blocked by policy (${decision.decision})`, {
      code: 'GUARD_BLOCKED',
      status: 403,
      details: decision,
      body,
    })
    this.decision = decision
    this.reasons = reasons
    this.warnings = texts(decision.warnings)
    this.matchedPolicies = texts(decision.matched_policies)
    this.riskScore = decision.risk_score ?? null
  }
}

/** An operator denied the action, or it ended before anybody allowed it. */
export class ApprovalDeniedError extends DeckClientError {
  override name = 'ApprovalDeniedError'
  /** The status of the action: `failed` for a denial. */
  readonly decision: string
  readonly actionId: string

  constructor(
    message: string,
    of: { actionId: string; decision: string; code?: string; action?: unknown },
  ) {
    super(message, { code: of.code ?? 'APPROVAL_DENIED', status: 403, body: of.action })
    this.decision = of.decision
    this.actionId = of.actionId
  }
}

/** Nobody decided in the time that the server gives: a denial too. */
export class ApprovalExpiredError extends ApprovalDeniedError {
  override name = 'ApprovalExpiredError'

  constructor(message: string, of: { actionId: string; decision: string; action?: unknown }) {
    super(message, { ...of, code: 'APPROVAL_EXPIRED' })
  }
}

/** This side stopped waiting. The action is still pending, and may be allowed later. */
export class WaitTimeoutError extends DeckClientError {
  override name = 'WaitTimeoutError'
  /** The id of the action or pairing. */
  readonly subject: string

  constructor(message: string, subject: string) {
    super(message, { code: 'TIMEOUT' })
    this.subject = subject
  }
}

export function invalidArgument(message: string): DeckClientError {
  return new DeckClientError(message, { code: 'INVALID_ARGUMENT' })
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
