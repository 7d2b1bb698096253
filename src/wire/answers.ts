import type { ServerResponse } from 'node:http'
import { asFault, Fault, type FaultCode } from '../base/fault.ts'

const STATUS: Partial<Record<FaultCode, number>> = {
  usage: 404,
  'not.found': 404,
  'agent.unknown': 404,
  'template.unknown': 404,
  'approval.unknown': 404,
  refused: 403,
  drift: 409,
  'approval.decided': 409,
  bug: 500,
}

/** A body as JSON; an empty one is `{}`. Fault `input.invalid`. */
export function parseJson(text: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Fault('input.invalid', `the request is not JSON: ${(cause as Error).message}`, {
      cause,
    })
  }
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value)
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    .end(text)
}

/** Answers a fault; in the middle of a stream it is the last line. A defect is logged. */
export function sendFault(
  response: ServerResponse,
  thrown: unknown,
  log: (what: string) => void,
): void {
  const fault = asFault(thrown)
  if (fault.code === 'bug')
    log(
      `defect: ${fault.cause instanceof Error ? (fault.cause.stack ?? fault.message) : fault.message}`,
    )
  if (response.headersSent) response.end(`${JSON.stringify({ fault })}\n`)
  else sendJson(response, STATUS[fault.code] ?? 400, { fault })
}

export function isStream(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer
}

/** Sends items, one `{item}` a line, and `{end: true}` as the last. Rejects as `items` does. */
export async function sendItems(
  response: ServerResponse,
  items: AsyncIterable<unknown>,
  disconnected: AbortSignal,
): Promise<void> {
  for await (const item of items) {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    if (!response.write(`${JSON.stringify({ item })}\n`)) await drained(response, disconnected)
    if (disconnected.aborted) return
  }
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  response.end(`${JSON.stringify({ end: true })}\n`)
}

function drained(response: ServerResponse, disconnected: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done)
      disconnected.removeEventListener('abort', done)
      resolve()
    }
    response.once('drain', done)
    disconnected.addEventListener('abort', done, { once: true })
  })
}
