import type { IncomingMessage, Server } from 'node:http'
import { Fault } from '../../base/fault.ts'
import type { Caller } from '../../commands/act.ts'
import type { OperatorAccess } from '../../domain/operators/types.ts'
import { bearerOf, callerAs, namedDoor } from '../operator/caller.ts'
import { operatorDoor, type DoorParts } from '../operator/door.ts'
import { answerOutsideAgent, type OutsideAgents } from './agents.ts'
import { pairingAnswers } from './pairing.ts'
import type { Sessions } from './sessions.ts'

interface AccessParts {
  operators: OperatorAccess
  sessions: Sessions
  agents: Omit<OutsideAgents, 'refused'>
  execute: DoorParts['execute']
  log: DoorParts['log']
  /** Notes a request of nobody who is known. */
  refused(why: string): void
}

/** Whoever can open the socket may hold so many: they are not the supervisor's last ones. */
const MAX_CONNECTIONS = 256

/**
 * The door for those who do not run the supervisor: other users of this host, and others by a
 * forwarded socket. It speaks as the operator's door does, and knows people by a session of a
 * paired device or by an API key. Whoever has neither is a guest, who can only take an offer or ask
 * to be trusted. Agents outside of pods ask here too, with signed requests.
 */
export function accessDoor(parts: AccessParts): Server {
  const { operators, sessions, agents, execute, log, refused } = parts
  const callerOf = (request: IncomingMessage, gone: AbortSignal): Caller => {
    const secret = bearerOf(request)
    if (secret === undefined)
      return { actor: 'guest', door: namedDoor(request), role: 'guest', signal: gone }
    const device = sessions.deviceOf(secret)
    const operator =
      device === undefined ? operators.withKey(secret) : operators.active(device.operator)
    if (operator === undefined) {
      refused('no session')
      throw new Fault('refused', 'this session or key is not valid any more', {
        hint: 'Ask an owner of the deck to pair you again.',
      })
    }
    return callerAs(operator, operators, {
      door: namedDoor(request),
      gone,
      device: device?.id,
    })
  }
  const server = operatorDoor({
    callerOf,
    present: operators.present.bind(operators),
    execute,
    log,
    answers: pairingAnswers({ sessions, execute, refused }),
    answerAgent: (request, response) =>
      answerOutsideAgent({ ...agents, refused, execute, log, door: 'operator' }, request, response),
  })
  server.maxConnections = MAX_CONNECTIONS
  return server
}
