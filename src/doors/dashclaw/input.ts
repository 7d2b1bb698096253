import { invalid } from './errors.ts'

/** How deep a body may nest lists and objects. */
const MOST_DEPTH = 64

/**
 * The input of an endpoint: what the query says, what the body says, and what the path names, later
 * ones first. Fault `input.invalid`.
 */
export function inputOf(
  query: URLSearchParams,
  raw: string,
  names: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const body = bodyOf(raw)
  // Of a body that is signed nothing else counts, since the address is not signed.
  const asked = '_signature' in body ? {} : queryOf(query)
  return { ...asked, ...body, ...names }
}

/** Values that say nothing are as if they were left out. */
function queryOf(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    [...query].filter(([, value]) => value !== '' && value !== 'undefined' && value !== 'null'),
  )
}

/** An empty body is as if it were an empty object: clients declare JSON without sending any. */
function bodyOf(raw: string): object {
  if (raw.trim() === '') return {}
  if (isTooDeep(raw)) throw invalid(`the body nests deeper than ${MOST_DEPTH}`)
  let body: unknown
  try {
    body = JSON.parse(raw)
  } catch (cause) {
    throw invalid(`the body is not JSON: ${(cause as Error).message.slice(0, 200)}`)
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid('the body is not a JSON object')
  return body
}

/** Whether JSON nests too deep, known without parsing it. */
function isTooDeep(raw: string): boolean {
  let depth = 0
  let isText = false
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i)
    if (isText) {
      if (code === 92) i++
      else if (code === 34) isText = false
    } else if (code === 34) isText = true
    else if (code === 123 || code === 91) {
      if (++depth > MOST_DEPTH) return true
    } else if (code === 125 || code === 93) depth--
  }
  return false
}
