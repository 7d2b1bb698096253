import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ApiStandIn } from '../support/api-stand-in.ts'
import { until } from '../support/until.ts'

/** What the main entry may weigh, minified and not compressed. */
const MOST_BYTES = 40 * 1024

let api: ApiStandIn
beforeAll(async () => {
  api = await ApiStandIn.start()
})
afterAll(() => api[Symbol.asyncDispose]())

/** The main entry as a page loads it: one script, nothing of Node. */
async function bundle(format: 'esm' | 'iife'): Promise<string> {
  const { outputFiles, metafile } = await build({
    entryPoints: ['src/client/client.ts'],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format,
    ...(format === 'iife' ? { globalName: 'deckClient' } : {}),
  })
  const inputs = Object.keys(metafile.inputs)
  expect(inputs.filter((file) => !file.startsWith('src/client/'))).toEqual([])
  return outputFiles[0]?.text ?? ''
}

describe('in a browser', () => {
  test('the main entry is small', async () => {
    const bytes = Buffer.byteLength(await bundle('esm'))
    console.log(`clawdeck/client: ${bytes} bytes minified, of at most ${MOST_BYTES}`)
    expect(bytes).toBeLessThan(MOST_BYTES)
  })

  test('a page waits for an approval, with what pages have and nothing of Node', async () => {
    const page = createContext({
      fetch,
      URL,
      URLSearchParams,
      AbortController,
      TextDecoder,
      TextEncoder,
      crypto,
      CryptoKey,
      performance,
      setTimeout,
      clearTimeout,
      setInterval,
      clearInterval,
      btoa,
      atob,
      baseUrl: api.url,
      location: {},
    })
    runInContext(await bundle('iife'), page)
    const waiting = runInContext(
      `
      (async () => {
        const { privateJwk } = await deckClient.generateAgentKeys()
        const deck = new deckClient.DeckClient({
          baseUrl, apiKey: 'key', agentId: 'page', hitlMode: 'wait', privateKey: privateJwk,
        })
        const { action } = await deck.createAction({ action_type: 'held', declared_goal: 'Ship' })
        return action.status + ' by ' + action.approved_by
      })()
      `,
      page,
    ) as Promise<string>
    await until('the stream is open', () => api.listeners === 1)
    api.allow('act_1')
    expect(await waiting).toBe('running by ada')
    expect(api.sent('POST', '/api/actions')[0]?.body?.['_signature']).toBeTypeOf('string')
  })
})
