import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { Fault } from '../../../src/base/fault.ts'
import { endpoint, Reply, type Endpoint } from '../../../src/commands/api/endpoint.ts'
import { fields, someText, text } from '../../../src/commands/api/inputs.ts'
import type { Deck } from '../../../src/commands/deck.ts'
import { apiDoor } from '../../../src/doors/dashclaw/door.ts'
import { executor } from '../../../src/supervisor/execute.ts'
import { refusedActs } from '../../../src/supervisor/refusals.ts'
import { ApiDeck } from '../../support/api-deck.ts'
import { filled, leaksOfRow } from '../../support/api-foreign.ts'
import type { ApiProbe } from '../../support/api-rows.ts'
import { flawsOfRow } from '../../support/api-trials.ts'
import { OPERATOR } from '../../support/deck.ts'

const cleanups: (() => unknown)[] = []
let probe: ApiProbe
const kept = new Map<string, { org: string; name: string }>()

const Named = () => fields({ name: someText(100), note: text(100).optional() })
const OneThing = () => fields({ id: text(100) })

/** Rows that are as they should be. */
const GOOD: readonly Endpoint[] = [
  endpoint('POST /things', {
    about: 'Keeps a thing.',
    status: 201,
    input: Named,
    run: (_api, { name }, { tenant: { org } }) => {
      const id = `thing_${kept.size}`
      kept.set(id, { org, name })
      return { thing: { id, name } }
    },
  }),
  endpoint('GET /things/:id', {
    about: 'A thing.',
    input: OneThing,
    run: (_api, { id }, { tenant: { org } }) => {
      const found = kept.get(id)
      if (found?.org !== org) throw new Fault('not.found', `Thing ${id} not found`)
      return { thing: found }
    },
  }),
]

/** Rows with one mistake each, and what the trial says of it. */
const PLANTED: readonly [Endpoint, RegExp][] = [
  [
    endpoint('POST /fails', {
      about: 'Fails by a value that it did not expect.',
      input: () => fields({ name: z.unknown().optional() }),
      run: (_api, { name }) => ({ name: (name as string).trim() }),
    }),
    /with a number as name: answered 500/,
  ],
  [
    endpoint('POST /readable', {
      about: 'Lets readers write.',
      needs: 'read',
      input: Named,
      run: () => ({}),
    }),
    /with a readonly key: 200 instead of 403/,
  ],
  [
    endpoint('GET /unbounded/:id', {
      about: 'Answers for any id.',
      input: OneThing,
      run: (_api, { id }) => ({ id }),
    }),
    /with unknown ids: 200 instead of 403 or 404/,
  ],
  [
    endpoint('POST /mute', {
      about: 'Refuses without a word.',
      input: Named,
      run: () => new Reply(409, {}),
    }),
    /answered 409 without an error text/,
  ],
  [
    endpoint('POST /listing', {
      about: 'Refuses with a list.',
      input: Named,
      run: () => new Reply(409, ['no']),
    }),
    /answered 409 without a JSON object/,
  ],
  [
    endpoint('POST /odd', {
      about: 'Answers a status that no client knows.',
      input: Named,
      run: () => new Reply(418, { error: 'no tea' }),
    }),
    /answered 418/,
  ],
  [
    endpoint('POST /decided', {
      about: 'Answers an error whose decision clients cannot read.',
      input: Named,
      run: () => new Reply(403, { error: 'no', decision: 'block' }),
    }),
    /decision is no object/,
  ],
  [
    endpoint('POST /telling', {
      about: 'Tells of its inside.',
      input: Named,
      run: () => new Reply(409, { error: 'SQLITE_CONSTRAINT: UNIQUE' }),
    }),
    /tells of its inside/,
  ],
  [
    endpoint('POST /strict', {
      about: 'Takes null for a value.',
      input: () => z.object({ name: z.string().min(1), note: z.string().optional() }),
      run: () => ({}),
    }),
    /null is not as if it were left out/,
  ],
  [
    endpoint('GET /leaky/:id', {
      about: 'Shows what others have.',
      input: OneThing,
      run: (_api, { id }) => {
        const found = kept.get(id)
        if (found === undefined) throw new Fault('not.found', `Thing ${id} not found`)
        return { thing: found }
      },
    }),
    /shows what another organisation has/,
  ],
]

beforeAll(async () => {
  const api = await new ApiDeck((act) => cleanups.push(act)).start()
  const { deck, running } = api.deck
  const { journal } = running.composed.record
  const { orgs } = deck
  const endpoints = [...GOOD, ...PLANTED.map(([row]) => row)]
  const acts = new Map(endpoints.map(({ act }) => [act.id, act]))
  const { server } = apiDoor({
    endpoints,
    execute: executor({
      deck: deck as Deck,
      journal,
      refused: refusedActs({ journal, clock: systemClock, problem: () => undefined }),
      find: (id) => acts.get(id),
    }),
    orgs,
    inTurn: (_key, work) => work(),
    clock: systemClock,
    requestsPerMinute: 0,
    version: 'test',
    baseUrl: () => 'http://127.0.0.1',
    log: () => undefined,
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  cleanups.push(() => server.close())
  const { key, secret } = await orgs.createKey(
    { org: 'org_default', label: 'gone', role: 'admin' },
    OPERATOR,
  )
  await orgs.revokeKey(key.id, null, OPERATOR)
  const { id } = await orgs.create({ slug: 'other', name: 'Other' }, OPERATOR)
  const { port } = server.address() as AddressInfo
  const other = await api.key(id, 'admin')
  probe = { url: `http://127.0.0.1:${port}`, keys: api.keys, revoked: secret, other }
})
afterAll(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

describe('the trials of rows', () => {
  test.each(GOOD.map((row) => [row.act.id, row] as const))('find nothing in %s', async (_, row) => {
    expect(await flawsOfRow(probe, row)).toEqual([])
    expect(await leaksOfRow(probe, row, await filled(probe, GOOD))).toEqual([])
  })

  test.each(PLANTED.map(([row, what]) => [row.act.id, row, what] as const))(
    'find the mistake of %s',
    async (_, row, what) => {
      const found = await filled(probe, GOOD)
      const flaws = [...(await flawsOfRow(probe, row)), ...(await leaksOfRow(probe, row, found))]
      expect(flaws.join('\n')).toMatch(what)
    },
  )
})

describe('what no row is asked', () => {
  test.each(['GET /nothing', 'PUT /things', 'GET /things/', 'POST /things/x/y', 'OPTIONS /things'])(
    '%s is not found, and no redirect',
    async (call) => {
      const [method = '', path = ''] = call.split(' ')
      const response = await fetch(`${probe.url}/api${path}`, {
        method,
        redirect: 'manual',
        headers: { 'x-api-key': probe.keys.admin },
      })
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ error: 'Not found' })
    },
  )

  test('headers that are too large are refused as JSON', async () => {
    const response = await fetch(`${probe.url}/api/things`, {
      headers: { 'x-long': 'x'.repeat(20_000) },
    })
    expect(response.status).toBe(431)
    expect(await response.json()).toEqual({ error: 'Request Header Fields Too Large' })
  })
})
