import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { Fault } from '../base/fault.ts'
import { plain } from '../base/text.ts'

/** A body is larger than allowed. The connection cannot be used afterwards. */
export class BodyTooLarge extends Error {}

interface BodyLimits {
  maxBytes: number
  /** Without it, there is no time limit. */
  timeoutMs?: number
}

/**
 * Reads the whole body as text. Rejects with BodyTooLarge, or with Fault `input.invalid` for
 * invalid UTF-8, and for a body that is incomplete when the connection ends or the time is over.
 */
export function readBody(
  request: IncomingMessage,
  { maxBytes, timeoutMs }: BodyLimits,
): Promise<string> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
      reject(new BodyTooLarge())
      return
    }
    const chunks: Buffer[] = []
    let size = 0
    const timer =
      request.complete || timeoutMs === undefined
        ? undefined
        : setTimeout(() => request.destroy(), timeoutMs).unref()
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) {
        request.pause()
        reject(new BodyTooLarge())
        return
      }
      chunks.push(chunk)
    })
    request.on('end', () => {
      clearTimeout(timer)
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
      if (isUtf8(body)) resolve(body.toString('utf8'))
      else reject(notUtf8())
    })
    request.on('close', () => {
      clearTimeout(timer)
      if (!request.complete) reject(new Fault('input.invalid', 'the body is incomplete'))
    })
  })
}

function notUtf8(): Fault {
  return new Fault('input.invalid', 'the body is not valid UTF-8', { hint: 'Send text as UTF-8.' })
}

/** Parses a JSON object. Fault `input.invalid` names the line and column of a mistake. */
export function parseJsonObject(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Fault('input.invalid', `the body is not valid JSON: ${mistakeIn(text)}`, {
      hint: 'Send one JSON object.',
      cause,
    })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Fault('input.invalid', 'the body is valid JSON, but not an object', {
      hint: 'Send one JSON object: {"type": …, "target": …}.',
    })
  return value as Record<string, unknown>
}

/**
 * Where JSON text stops being valid. V8 does not name the position of every mistake, so the longest
 * valid prefix is found by binary search, with the same parser that rejected the text.
 */
function mistakeIn(text: string): string {
  if (text.trim() === '') return 'it is empty'
  let valid = 0
  let invalid = text.length + 1
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1
    if (isValidPrefix(text.slice(0, middle))) valid = middle
    else invalid = middle
  }
  if (valid === text.length) return 'it ends too early'
  const before = text.slice(0, valid)
  const line = before.split('\n').length
  const column = valid - before.lastIndexOf('\n')
  const rest = plain(JSON.stringify(text.slice(valid, valid + 12)), 40)
  return `line ${line}, column ${column}, at ${rest}`
}

/** Whether JSON text could begin like this. */
function isValidPrefix(text: string): boolean {
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
