import type { IncomingMessage } from 'node:http'
import { Fault } from '../../base/fault.ts'
import type { Caller } from '../../commands/act.ts'
import { operatorActor } from '../../domain/operators/rules.ts'
import type { Operator, OperatorAccess } from '../../domain/operators/types.ts'

/**
 * Who says this at the operator's socket: whoever has a key is the operator of that key; without
 * one it is the person who runs the supervisor, for nobody else can open the socket. Fault
 * `refused`.
 */
export function localCaller(
  operators: OperatorAccess,
  request: IncomingMessage,
  gone: AbortSignal,
): Caller {
  const key = bearerOf(request)
  const operator = key === undefined ? operators.local() : operators.withKey(key)
  if (operator === undefined)
    throw new Fault('refused', 'the key is not known here, or was revoked', {
      hint: 'Ask an owner of this deck for another one, or unset CLAWDECK_KEY.',
    })
  return callerAs(operator, operators, { door: namedDoor(request), gone })
}

interface Connection {
  door: Caller['door']
  /** Aborted when whoever asked is gone. */
  gone: AbortSignal
  /** The paired device that is used. */
  device?: string | undefined
}

/**
 * An operator as a caller. The signal is also aborted when the operator's rights, or the trust in
 * the device, end.
 */
export function callerAs(
  { id, role, agents }: Operator,
  operators: Pick<OperatorAccess, 'whileTrusted'>,
  { door, gone, device }: Connection,
): Caller {
  const trust = [id, ...(device === undefined ? [] : [device])].map((one) =>
    operators.whileTrusted(one),
  )
  return {
    actor: operatorActor(id, door, device),
    door,
    role,
    operator: id,
    ...(agents === null ? {} : { agents: new Set(agents) }),
    signal: AbortSignal.any([gone, ...trust]),
  }
}

/** The key or session of a request. Fault `refused` for what is neither. */
export function bearerOf({ headers }: IncomingMessage): string | undefined {
  if (headers.authorization === undefined) return undefined
  const secret = /^Bearer (\S{1,200})$/.exec(headers.authorization)?.[1]
  if (secret === undefined) throw new Fault('refused', 'the authorization is not a bearer token')
  return secret
}

export function namedDoor({ headers }: IncomingMessage): Caller['door'] {
  const name = headers['x-clawdeck-door']
  return name === 'cli' || name === 'console' ? name : 'operator'
}
