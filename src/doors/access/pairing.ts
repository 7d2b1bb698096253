import * as z from 'zod'
import type { Caller } from '../../commands/act.ts'
import { parseInput } from '../../commands/input.ts'
import type { Sessions } from './sessions.ts'

const Challenge = z.strictObject({ device: z.string().min(1).max(64) })
const Session = z.strictObject({
  device: z.string().min(1).max(64),
  nonce: z.string().min(1).max(100),
  signature: z.string().min(1).max(200),
})

interface PairingParts {
  sessions: Sessions
  execute(id: string, input: unknown, caller: Caller): unknown
  /** Notes a request of nobody who is known. */
  refused(why: string): void
}

type Answer = (input: unknown, guest: Caller) => unknown

/**
 * What a device or an agent says before it is trusted, by the last word of the path:
 *
 * - `POST /v1/pair/present {token, person, device, key}` takes an offer and answers it, with the
 *   code.
 * - `POST /v1/pair/follow {id, token}` streams it until it is over; then it names the device.
 * - `POST /v1/pair/agent-key {agent, key}` asks to trust the key of an agent outside of pods, and
 *   answers its id and fingerprint.
 * - `POST /v1/pair/challenge {device}` answers a text to sign.
 * - `POST /v1/pair/session {device, nonce, signature}` answers a session, which goes into the
 *   header `authorization: Bearer`.
 */
export function pairingAnswers({
  sessions,
  execute,
  refused,
}: PairingParts): ReadonlyMap<string, Answer> {
  return new Map<string, Answer>([
    ['present', (input, guest) => execute('access.present', input, guest)],
    ['agent-key', (input, guest) => execute('agent_key.request', input, guest)],
    ['follow', (input, guest) => execute('access.await', input, guest)],
    ['challenge', (input) => sessions.challenge(parsed('challenge', Challenge, input).device)],
    [
      'session',
      (input) => {
        const { device, nonce, signature } = parsed('session', Session, input)
        try {
          return sessions.open(device, nonce, signature)
        } catch (thrown) {
          refused('a wrong signature')
          throw thrown
        }
      },
    ],
  ])
}

function parsed<S extends z.ZodType>(id: string, schema: S, input: unknown): z.output<S> {
  return parseInput({ id, input: schema }, input) as z.output<S>
}
