import type { IncomingMessage, ServerResponse } from 'node:http'
import * as z from 'zod'
import type { Caller } from '../../commands/act.ts'
import { parseInput } from '../../commands/input.ts'
import type { PairingRow } from '../../domain/operators/pairing/types.ts'
import { parseJson, sendFault, sendItems } from '../../wire/answers.ts'
import { readBody } from '../../wire/body.ts'

const PATH = /^\/v1\/agents\/([a-z][a-z0-9-]{0,31})$/
const LIMITS = { maxBytes: 16 * 1024, timeoutMs: 10_000 }
const Said = z.strictObject({
  token: z.string().min(1).max(200),
  key: z.string().min(1).max(8192),
  device: z.string().min(1).max(100).optional(),
})

export interface AgentPairingParts {
  execute(id: string, input: unknown, caller: Caller): unknown
  log(what: string): void
  door: Caller['door']
}

interface Taken {
  id: string
  code: string
  expiresAt: number
}

/** The agent that a request wants to pair with its key, or undefined. */
export function pairingAgent({ method, url = '' }: IncomingMessage): string | undefined {
  return method === 'POST' ? PATH.exec(url)?.[1] : undefined
}

/**
 * `POST /v1/agents/<agent> {token, key, device}` takes an offer for the key of an agent. The answer
 * is a stream: first the code to compare, then what came of it, with the id of the trusted key.
 */
export async function pairOutsideAgent(
  { execute, log, door }: AgentPairingParts,
  agent: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const guest: Caller = { actor: 'guest', door, role: 'guest', signal: gone.signal }
  const steps = async function* () {
    const body = parseJson(await readBody(request, LIMITS))
    const said = parseInput({ id: 'agent_key.present', input: Said }, body) as z.output<typeof Said>
    const { token } = said
    const { id, ...taken } = (await execute(
      'agent_key.present',
      { ...said, agent },
      guest,
    )) as Taken
    yield { state: 'presented', ...taken }
    const rows = execute('access.await', { id, token }, guest) as AsyncIterable<PairingRow>
    for await (const { state, device } of rows)
      if (state !== 'presented') yield { state, ...(device === null ? {} : { keyid: device }) }
  }
  try {
    await sendItems(response, steps(), gone.signal)
  } catch (thrown) {
    sendFault(response, thrown, log)
  }
}
