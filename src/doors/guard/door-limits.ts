/**
 * How much one agent may use at a time; more is denied. A question is written to the journal and to
 * two mirrors: it counts as its body and `overheadBytes`, and takes about four times as much disk
 * space.
 */
export const DOOR_LIMITS = {
  connections: 128,
  inFlight: 256,
  /** Requests on one connection before the first of them is answered. */
  pipelined: 16,
  /** How long an agent that sent more of them has no connections. */
  penaltyMs: 1000,
  headerBytes: 8192,
  bodyBytes: 64 * 1024,
  maxWaitSeconds: 60,
  idleMs: 120_000,
  headMs: 10_000,
  bodyMs: 10_000,
  sweepMs: 2000,
  overheadBytes: 1024,
  journalBytes: { burst: 160 << 20, perSecond: 1 << 20 },
  requests: { burst: 20_000, perSecond: 20_000 },
}

export type DoorLimits = typeof DOOR_LIMITS
