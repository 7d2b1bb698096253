import type { IncomingMessage, ServerResponse } from 'node:http'
import { asFault, Fault } from '../../base/fault.ts'
import type { OperatorAccess } from '../../domain/operators/types.ts'
import type { AnswerAgent } from '../guard/guard-door.ts'
import { denialJson } from '../guard/guard-output.ts'
import { pairingAgent, pairOutsideAgent, type AgentPairingParts } from './agent-pairing.ts'
import type { SignedRequests } from './signed-requests.ts'

/** What agents outside of pods are answered by. */
export interface OutsideAgents {
  signed: SignedRequests
  /** What answers an agent, while it is started. */
  answerOf: (agent: string) => AnswerAgent | undefined
  whileTrusted: OperatorAccess['whileTrusted']
  /** Notes a request of nobody who is known. */
  refused(why: string): void
}

const PATH = /^\/v1\/agents\/([a-z][a-z0-9-]{0,31})(\/[^?]*)/

/**
 * Answers an agent outside of a pod: `/v1/agents/<agent>/…` is the guard door of that agent, for
 * requests that a trusted key of it has signed, and `/v1/agents/<agent>` pairs it with a key.
 * Whatever fails is a denial with a reason.
 */
export async function answerOutsideAgent(
  { signed, answerOf, whileTrusted, refused, ...door }: OutsideAgents & AgentPairingParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const paired = pairingAgent(request)
  if (paired !== undefined) return pairOutsideAgent(door, paired, request, response)
  try {
    const [, agent = '', path = ''] = PATH.exec(request.url ?? '') ?? []
    const wrong = (thrown: unknown): never => {
      refused('a wrong signature')
      throw thrown
    }
    const { key, checkBody } = await signed.verify(request).catch(wrong)
    if (key.agent !== agent) throw new Fault('refused', `this is a key of ${key.agent}`)
    const answer = answerOf(agent)
    if (answer === undefined)
      throw new Fault('refused', `${agent} is not answered now`, {
        hint: `An operator starts it: clawdeck start ${agent}`,
      })
    const trust = whileTrusted(key.id)
    const cutOff = () => response.destroy()
    trust.addEventListener('abort', cutOff, { once: true })
    response.once('close', () => trust.removeEventListener('abort', cutOff))
    const check = (body: string) => {
      try {
        checkBody(body)
      } catch (thrown) {
        wrong(thrown)
      }
    }
    answer(request, response, { path: `/v1${path}`, check })
  } catch (thrown) {
    deny(request, response, thrown)
  }
}

function deny(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  const fault = asFault(thrown)
  if (!request.complete) response.setHeader('connection', 'close')
  const text = denialJson(fault)
  response
    .writeHead(fault.code === 'bug' ? 500 : 401, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    .end(text)
}
