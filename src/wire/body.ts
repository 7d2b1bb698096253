import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { Fault } from '../base/fault.ts'
import { plain } from '../base/text.ts'

/** Most bytes of a request's body. */
export const LARGEST_BODY = 64 * 1024
/** A body that is larger than allowed. The connection is not usable afterwards. */
export class BodyTooLarge extends Error {}

/** The whole body as text. Rejects with BodyTooLarge, with Fault `input.invalid` for broken UTF-8, or when it has not come in `ms`. */
export function readBody(
  request: IncomingMessage,
  { ms, most = LARGEST_BODY }: { ms: number; most?: number },
): Promise<string> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > most) {
      reject(new BodyTooLarge())
      return
    }
    const chunks: Buffer[] = []
    let size = 0
    const timer = request.complete ? undefined : setTimeout(() => request.destroy(), ms).unref()
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > most) {
        request.pause()
        reject(new BodyTooLarge())
        return
      }
      chunks.push(chunk)
    })
    request.on('end', () => {
      clearTimeout(timer)
      asText(chunks, resolve, reject)
    })
    request.on('close', () => {
      clearTimeout(timer)
      if (!request.complete) reject(new Fault('input.invalid', 'the body never came to its end'))
    })
  })
}

function asText(
  chunks: Buffer[],
  resolve: (text: string) => void,
  reject: (fault: Fault) => void,
): void {
  const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
  if (isUtf8(whole)) resolve(whole.toString('utf8'))
  else
    reject(
      new Fault('input.invalid', 'the body is not valid UTF-8', { hint: 'Send text as UTF-8.' }),
    )
}

/** A JSON object. Fault `input.invalid` says at which line and column it goes wrong. */
export function parseJsonObject(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Fault('input.invalid', `the body is not valid JSON: ${place(text)}`, {
      hint: 'Send one JSON object.',
      cause,
    })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Fault('input.invalid', 'the body is JSON, but no object', {
      hint: 'Send one JSON object: {"type": …, "target": …}.',
    })
  return value as Record<string, unknown>
}

/** Where JSON goes wrong. The engine does not always say, so the longest beginning that could still become JSON is searched for. */
function place(text: string): string {
  if (text.trim() === '') return 'it is empty'
  let good = 0
  let bad = text.length + 1
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (couldGoOn(text.slice(0, middle))) good = middle
    else bad = middle
  }
  if (good === text.length) return 'it ends too early'
  const before = text.slice(0, good)
  const line = before.split('\n').length
  return `line ${line}, column ${good - before.lastIndexOf('\n')}, at ${plain(JSON.stringify(text.slice(good, good + 12)), 40)}`
}

function couldGoOn(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (cause) {
    const { message } = cause as Error
    return (
      /end of JSON|Unterminated/.test(message) ||
      new RegExp(`at position ${text.length}\\b`).test(message)
    )
  }
}
