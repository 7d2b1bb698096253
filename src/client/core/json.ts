import { DeckClientError } from './errors.ts'

/** What is sent of a value. Throws `INVALID_ARGUMENT` for what JSON cannot hold. */
export function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw new DeckClientError('This cannot be written as JSON', { code: 'INVALID_ARGUMENT', cause })
  }
}

/** JSON, where there is one: a circle or a bigint has none. */
export function jsonTextOf(value: unknown): string | undefined {
  try {
    return value === undefined || value === null ? undefined : JSON.stringify(value)
  } catch {
    return String(value)
  }
}

/** What a text says as JSON; `undefined` if it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
