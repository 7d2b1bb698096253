import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiDeck, type ApiAnswer } from '../../support/api-deck.ts'

/**
 * What a real client sent, to the byte, and what it needs to see in the answer. The Python client of
 * this version sends every call as GET, by a mistake of its own; the methods are those that it means.
 */
interface Exchange {
  call: string
  body?: string
  status: number
  keys?: string[]
  /** Identifiers that the answer gave, by path, and that later exchanges use. */
  ids?: Record<string, string>
}

function recorded(client: string): Exchange[] {
  const file = new URL(`../../fixtures/wire/${client}.jsonl`, import.meta.url)
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as Exchange)
}

/** Sends recorded exchanges again, with the identifiers of today in place of the recorded ones. */
class Replay {
  readonly #api: ApiDeck
  readonly #today = new Map<string, string>()

  constructor(api: ApiDeck) {
    this.#api = api
  }

  async send({ call, body, ids = {} }: Exchange): Promise<ApiAnswer> {
    const raw = body === undefined ? {} : { raw: this.#current(body) }
    const answer = await this.#api.call(this.#current(call), undefined, raw)
    for (const [path, then] of Object.entries(ids)) this.#today.set(then, at(answer.body, path))
    return answer
  }

  #current(sent: string): string {
    return [...this.#today].reduce((text, [then, now]) => text.replaceAll(then, now), sent)
  }
}

function at(body: unknown, path: string): string {
  const found = path.split('.').reduce<unknown>((in_, name) => (in_ as never)?.[name], body)
  return String(found)
}

/** The exchange and what was wrong with its answer, or nothing. */
function difference({ call, status, keys = [] }: Exchange, answer: ApiAnswer): string[] {
  const missing = keys.filter((key) => !Object.hasOwn(answer.body, key))
  const isWrong = answer.status !== status || missing.length > 0
  const error = status >= 400 && typeof answer.body['error'] !== 'string' ? 'no error named' : ''
  return isWrong || error !== ''
    ? [`${call}: ${answer.status} for ${status}, without ${missing.join(', ')} ${error}`]
    : []
}

const cleanups: (() => unknown)[] = []
let api: ApiDeck
beforeEach(async () => {
  api = await new ApiDeck((act) => cleanups.push(act)).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

describe('what real clients sent is answered as they need it', () => {
  test.for(['node-2.0.3', 'python-2.0.3'])('%s', async (client) => {
    const replay = new Replay(api)
    const differences: string[] = []
    const signed: unknown[] = []
    for (const exchange of recorded(client)) {
      const answer = await replay.send(exchange)
      differences.push(...difference(exchange, answer))
      if (/"_signature": ?"/.test(exchange.body ?? ''))
        signed.push((answer.body['action'] as Record<string, unknown>)['verified'])
    }
    expect(differences.join('\n')).toBe('')
    expect(signed).toEqual(client.startsWith('node') ? [true] : [true, true])
  })
})
