import type { NetTarget } from '../domain/egress/matching/types.ts'
import type { EgressAnswer, EgressRefusal } from '../domain/egress/types.ts'

/** What a connection of a pod wants. */
export interface GateRequest {
  target: NetTarget & { port: number }
  /** The same as the text of a question: `CONNECT registry.npmjs.org:443`. */
  text: string
  /** The pod's own port of the connection, by which the process that asks may be found. */
  from: number
}

/** What decides about all that goes through the gate of one agent: the gate decides nothing. */
export interface GateJudge {
  /** Resolves as soon as it is decided; whoever waits may be gone before, which aborts `signal`. */
  decide(request: GateRequest, signal: AbortSignal): Promise<EgressAnswer>
  /** For a request in a tunnel that is open: why not even that allows it, or nothing. */
  within(text: string): EgressRefusal | undefined
  /** Why nobody goes to this address, whatever its name is; or nothing. */
  whyNotAddress(host: string, address: string, port: number): string | undefined
  /** The addresses of a name. */
  resolve(host: string): Promise<readonly string[]>
  /** Writes down what was refused. Without a text it was not understood. */
  refused(text: string, refusal: EgressRefusal, where?: { host: string; port: number }): void
}

/** How much may be under way through one gate. Times in milliseconds. */
export const GATE_LIMITS = {
  connections: 4096,
  /** Requests that wait for a decision. */
  waiting: 256,
  headerBytes: 16 * 1024,
  headers: 128,
  /** A request head has to be there by then. */
  headMs: 10_000,
  /** Between requests, and in a tunnel in which nothing is sent. */
  idleMs: 120_000,
  tunnelIdleMs: 900_000,
  /** After one side of a tunnel said that it sends no more, and the other sends nothing either. */
  halfOpenMs: 60_000,
  /** The beginning of what a tunnel carries has to be there by then. */
  helloMs: 10_000,
  helloBytes: 18 * 1024,
  dialMs: 10_000,
  sweepMs: 250,
  pipelined: 64,
  penaltyMs: 1000,
}

export type GateLimits = typeof GATE_LIMITS
