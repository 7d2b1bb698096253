import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Fault } from '../../base/fault.ts'
import type { Answer } from '../../domain/approvals/types.ts'
import { rawResponse } from '../../wire/raw-response.ts'
import type { Busy } from './busy.ts'
import { DOOR_LIMITS } from './door-limits.ts'
import { answerJson, answerText, busyText, denialJson, denialText } from './guard-output.ts'

/** What a request has to show besides the door that it comes through. */
export interface Proof {
  /** The address within the protocol, where the door is one of many at a server. */
  path: string
  /** Throws a Fault for a body that the agent did not send. It is '' for a request without one. */
  check(body: string): void
}

/** One request at a guard door. */
export interface GuardCall {
  method: string
  path: string
  query: URLSearchParams
  request: IncomingMessage
  response: ServerResponse
  proof: Proof | undefined
  text: boolean
}

/**
 * Shell clients see the body of a 200 only. For them a refusal is a 200, and only a server error an
 * error.
 */
export function replyRefusal(call: GuardCall, fault: Fault, status: number): void {
  if (!call.request.complete) call.response.setHeader('connection', 'close')
  if (call.text) reply(call, status >= 500 ? status : 200, denialText(fault))
  else reply(call, status, denialJson(fault))
}

/** For shell clients this is a 200 too, with a text that no client takes for an approval. */
export function replyBusy(call: GuardCall, { message, hint, seconds }: Busy): void {
  if (!call.request.complete) call.response.setHeader('connection', 'close')
  call.response.setHeader('retry-after', seconds)
  if (call.text) reply(call, 200, busyText(seconds, message))
  else
    reply(
      call,
      429,
      denialJson(new Fault('not.possible', message, hint === undefined ? {} : { hint })),
    )
}

export function replyAnswer(call: GuardCall, answer: Answer): void {
  reply(call, 200, call.text ? answerText(answer) : answerJson(answer))
}

export function reply({ response, text }: GuardCall, status: number, body: string): void {
  if (response.destroyed || response.headersSent) return
  response.writeHead(status, {
    'content-type': text ? 'text/plain; charset=utf-8' : 'application/json',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}

export function replyMalformed(error: Error, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const tooLarge = 'code' in error && error.code === 'HPE_HEADER_OVERFLOW'
  const body = denialJson(
    new Fault(
      'input.invalid',
      tooLarge
        ? `the headers are larger than ${DOOR_LIMITS.headerBytes / 1024} KiB`
        : 'this is not HTTP',
      { hint: 'Send plain HTTP/1.1.' },
    ),
  )
  const status = tooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request'
  socket.end(rawResponse(status, body), () => socket.destroy())
}
