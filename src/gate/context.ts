import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { readAuthority, type Unreadable } from '../domain/egress/matching/target.ts'
import type { EgressAnswer, EgressRefusal } from '../domain/egress/types.ts'
import type { GateFlow, Flows } from './flows.ts'
import type { SocketMeter } from './meter.ts'
import type { GateJudge, GateLimits, GateRequest } from './types.ts'

/** What the parts of one agent's gate share. */
export interface GateContext {
  judge: GateJudge
  limits: GateLimits
  flows: Flows
  /** Requests that wait for a decision. */
  waiting: { now: number }
}

export interface Where {
  host: string
  port: number
  isAddress: boolean
}

/** A tunnel between a pod and a host. */
export interface Tunnel extends Where {
  client: Socket
  server: Socket
  flow: GateFlow
  meter: SocketMeter
  /** Whether its two connections end together: not where requests are answered one by one. */
  isSpliced: boolean
}

const BUSY: EgressRefusal = {
  code: 'busy',
  reason: 'too many requests of this agent wait for a decision already',
  next: 'Wait for the answers to those, then try again.',
}

const FAILED: EgressRefusal = {
  code: 'supervisor.unavailable',
  reason: 'it could not be decided because of an error, so it is refused',
  next: 'The operator finds the cause with `clawdeck supervisor logs`.',
}

/** The decision about a request. What cannot be decided is refused. Refusals are written down. */
export async function decided(
  { judge, limits, waiting }: GateContext,
  request: GateRequest,
  signal: AbortSignal,
): Promise<EgressAnswer> {
  const answer = await (waiting.now >= limits.waiting ? { refusal: BUSY } : ask())
  if ('refusal' in answer) judge.refused(request.text, answer.refusal, request.target)
  return answer

  async function ask(): Promise<EgressAnswer> {
    waiting.now++
    try {
      return await judge.decide(request, signal)
    } catch {
      return { refusal: FAILED }
    } finally {
      waiting.now--
    }
  }
}

/** Why a request's `Host` is not the host that was named before; undefined if it is. */
export function whyOtherHost(
  { rawHeaders, headers }: IncomingMessage,
  { host, port }: { host: string; port: number },
  { defaultPort, isRequired }: { defaultPort: number; isRequired: boolean },
): string | undefined {
  const given = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host')
  if (given.length > 1) return 'the request has more than one Host'
  if (given.length === 0) return isRequired ? 'the request has no Host' : undefined
  const read: ReturnType<typeof readAuthority> | Unreadable = readAuthority(
    headers.host ?? '',
    defaultPort,
  )
  if ('problem' in read) return `the Host of the request cannot be read: ${read.problem}`
  return read.host === host && read.port === port
    ? undefined
    : 'the Host of the request is not the host that was asked for'
}

/** The pod's own port of a connection; 0 where it has none. */
export function podPort({ remotePort }: Socket): number {
  return remotePort ?? 0
}
