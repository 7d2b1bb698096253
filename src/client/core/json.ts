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
