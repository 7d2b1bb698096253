import type { IncomingMessage } from 'node:http'
import { Fault } from '../../base/fault.ts'
import type { Caller } from '../../commands/act.ts'
import { operatorActor } from '../../domain/operators/rules.ts'
import type { Operator, OperatorAccess } from '../../domain/operators/types.ts'

export type Access = Pick<OperatorAccess, 'local' | 'withKey' | 'whileTrusted' | 'present'>

/**
 * Who says this: whoever has a key is the operator of that key; without one it is the person who
 * runs the supervisor, for nobody else can open the socket. The signal is aborted when whoever asked
 * is gone, or has other rights. Fault `refused`.
 */
export function callerOf(access: Access, request: IncomingMessage, gone: AbortSignal): Caller {
  const { id, role, agents } = operatorOf(access, request.headers.authorization)
  const door = doorOf(request)
  return {
    actor: operatorActor(id, door),
    door,
    role,
    operator: id,
    ...(agents === null ? {} : { agents: new Set(agents) }),
    signal: AbortSignal.any([gone, access.whileTrusted(id)]),
  }
}

function operatorOf(access: Access, authorization: string | undefined): Operator {
  if (authorization === undefined) return access.local()
  const key = /^Bearer (\S{1,200})$/.exec(authorization)?.[1]
  const operator = key === undefined ? undefined : access.withKey(key)
  if (operator === undefined)
    throw new Fault('refused', 'the key is not known here, or was revoked', {
      hint: 'Ask an owner of this deck for another one, or unset CLAWDECK_KEY.',
    })
  return operator
}

function doorOf({ headers }: IncomingMessage): Caller['door'] {
  const name = headers['x-clawdeck-door']
  return name === 'cli' || name === 'console' ? name : 'operator'
}
