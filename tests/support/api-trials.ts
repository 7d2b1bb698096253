import { request } from 'node:http'
import type { Endpoint } from '../../src/commands/api/endpoint.ts'
import {
  fieldsOf,
  namesIn,
  rolesWithout,
  RowTrial,
  sampleOf,
  type ApiProbe,
  type RowCall,
} from './api-rows.ts'

const NESTED = '['.repeat(100) + ']'.repeat(100)
const MAX_BODY = 2 << 20
const AT_ONCE = 16

/** Given in the place of every field at once. */
const HOSTILE: readonly (readonly [string, unknown])[] = [
  ['a number', 7],
  ['a fraction', 0.5],
  ['a huge number', 1e308],
  ['a number below zero', -1],
  ['a whole number that is too large', 2 ** 53],
  ['a yes', true],
  ['"undefined"', 'undefined'],
  ['an empty text', ''],
  ['a space', ' '],
  ['a long text', 'x'.repeat(20_000)],
  ['a text with NUL and half a character', 'a\u0000\ud800b'],
  ['a text as SQL', `'; DROP TABLE event; --`],
  ['a text as a path', '../../../etc/passwd'],
  ['a text as a name of the language', '__proto__'],
  ['a text as a template', '${7*7}{{7*7}}%s%n'],
  ['a list', [1, {}, null]],
  ['an empty list', []],
  ['an object', { constructor: { prototype: 1 }, a: [null] }],
]
/** Given in the place of one field among right ones. */
const ALONE = new Set(['a number', 'a huge number', 'a yes', 'a list', 'an object', '"undefined"'])
/** Given in the path. */
const BAD_NAMES = ['undefined', ' ', '..', "' OR 1=1 --", '__proto__', 'a\u0000b', 'x'.repeat(5000)]

/** Everything that any row has to stand, and what is wrong with how it does. */
export async function flawsOfRow(probe: ApiProbe, row: Endpoint): Promise<string[]> {
  const trial = new RowTrial(probe, row)
  await whoMay(trial, probe, row)
  await unreadable(trial, row)
  await tooLarge(trial, probe, row)
  await unknownIds(trial, probe, row)
  await badFields(trial, row)
  return trial.flaws
}

async function whoMay(trial: RowTrial, { keys, revoked }: ApiProbe, row: Endpoint): Promise<void> {
  const input = sampleOf(row, 'required')
  await trial.call('without a key', { input, key: null }, [401])
  await trial.call('with an unknown key', { input, key: `oc_live_${'0'.repeat(32)}` }, [401])
  await trial.call('with a revoked key', { input, key: revoked }, [401])
  for (const role of rolesWithout(row)) {
    await trial.call(`with a ${role} key`, { input, key: keys[role] }, [403])
    await trial.call(`with a ${role} key and nothing else`, { key: keys[role] }, [403])
  }
}

/** Bodies that are no JSON object. */
async function unreadable(trial: RowTrial, row: Endpoint): Promise<void> {
  if (row.method === 'GET') return
  for (const raw of ['{"a":', '{a:1}', '[]', '"text"', '7', 'null', 'a=b&c=d', `{"a":${NESTED}}`])
    await trial.call(`with the body ${raw.slice(0, 20)}`, { raw }, [400])
  const raw = JSON.stringify(sampleOf(row, 'required'))
  const headers = { 'content-type': 'text/plain' }
  await trial.call('with another content type', { raw, headers })
}

/** A body that is announced as too large is not even read. */
async function tooLarge(trial: RowTrial, { url, keys }: ApiProbe, row: Endpoint): Promise<void> {
  if (row.method === 'GET') return
  const path = row.path.replace(/:[^/]+/g, 'none_1')
  const status = await new Promise<number>((resolve, reject) => {
    const sent = request(`${url}/api${path}`, {
      method: row.method,
      headers: {
        'x-api-key': keys.admin,
        'content-type': 'application/json',
        'content-length': String((row.maxBytes ?? MAX_BODY) + 1),
      },
    })
    sent.on('response', (response) => {
      resolve(response.statusCode ?? 0)
      sent.destroy()
    })
    sent.on('error', reject)
    sent.flushHeaders()
  })
  if (status !== 413) trial.flaws.push(`with a body that is too large: ${status}`)
}

/** What nobody has, asked by an organisation that has nothing. */
async function unknownIds(trial: RowTrial, { other }: ApiProbe, row: Endpoint): Promise<void> {
  const names = namesIn(row)
  if (names.length === 0) return
  // A change has to change something.
  const input = sampleOf(row, row.method === 'PATCH' ? 'all' : 'required')
  await trial.call('with unknown ids', { input, key: other }, [403, 404])
  for (const bad of BAD_NAMES) {
    const hostile = Object.fromEntries(names.map((name) => [name, bad]))
    const call = { input, names: hostile, key: other }
    await trial.call(`with the id ${bad.slice(0, 20)}`, call, [400, 403, 404])
  }
}

/** As many at a time as a client would send: they share commits. */
async function inParallel<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  const rest = [...all]
  const worker = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) await work(next)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

async function badFields(trial: RowTrial, row: Endpoint): Promise<void> {
  const { all, required } = fieldsOf(row)
  const sample = sampleOf(row, 'required')
  const every = (value: unknown) => Object.fromEntries(all.map((name) => [name, value]))
  const calls: [string, RowCall][] = [
    ['with nothing', { input: {} }],
    ['with null in every field', { input: every(null) }],
    ...HOSTILE.map(([what, value]): [string, RowCall] => [
      `with ${what} in every field`,
      { input: every(value) },
    ]),
  ]
  for (const name of required) {
    const { [name]: _gone, ...rest } = sample
    calls.push([`without ${name}`, { input: rest }])
    calls.push([`with ${name} null`, { input: { ...sample, [name]: null } }])
  }
  for (const name of all)
    for (const [what, value] of HOSTILE)
      if (ALONE.has(what))
        calls.push([`with ${what} as ${name}`, { input: { ...sample, [name]: value } }])
  await inParallel(calls, ([what, call]) => trial.checked(what, call))
  const nulls = Object.fromEntries(all.map((name) => [name, sample[name] ?? null]))
  const [bare, withNulls] = [
    await trial.call('with what it requires', { input: sample }),
    await trial.call('with null for the rest', { input: nulls }),
  ]
  if (bare.status < 400 && withNulls.status === 400)
    trial.flaws.push(`null is not as if it were left out: ${withNulls.text.slice(0, 200)}`)
}
