import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { ApiDeck } from '../../support/api-deck.ts'
import { OPERATOR } from '../../support/deck.ts'

const cleanups: (() => unknown)[] = []
let api: ApiDeck
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})
async function open(settings: object): Promise<void> {
  api = await new ApiDeck((act) => cleanups.push(act), undefined, settings).start()
}
async function reopened(from: string, to: string): Promise<void> {
  await api.deck.stop()
  const path = api.deck.home.config
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))
  await api.deck.start()
  await api.open()
}

const record = (agent_id: string, as = 'admin') =>
  api.call(
    'POST /actions',
    { agent_id, action_type: 'review', declared_goal: 'look', timestamp_start: '2020-01-01' },
    { as },
  )
const recorded = async () => (await api.call<{ total: number }>('GET /actions')).body.total

test('where enrolment is closed, only agents that are known record actions', async () => {
  await open({ closedEnrolment: false })
  expect((await record('old')).status).toBe(201)
  await reopened('"closedEnrolment":false', '"closedEnrolment":true')
  expect(await record('new')).toMatchObject({
    status: 403,
    body: { error: expect.stringMatching(/not registered/), code: 'AGENT_NOT_REGISTERED' },
  })
  expect((await record('old')).status).toBe(201)
  expect(await recorded()).toBe(2)
  // Asking is no recording.
  expect((await api.call('POST /guard', { agent_id: 'new', action_type: 'review' })).status).toBe(
    200,
  )
  const public_key = generateKeyPairSync('rsa', { modulusLength: 2048 })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString()
  expect((await api.call('POST /identities', { agent_id: 'signs', public_key })).status).toBe(200)
  // It is known now, and has to sign.
  expect((await record('signs')).status).toBe(401)
})

test('a quota counts what is recorded, by when it is, and of each organisation', async () => {
  await open({ actionsPerMonth: 5 })
  const answers = []
  for (let i = 0; i < 6; i++) answers.push(await record('scout'))
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 402])
  expect(answers.map(({ headers }) => headers.get('x-quota-warning'))).toEqual([
    null,
    null,
    null,
    '4 of 5 actions of this month are recorded',
    '5 of 5 actions of this month are recorded',
    null,
  ])
  expect(answers.at(-1)?.body).toMatchObject({ code: 'QUOTA_EXCEEDED', usage: 5, limit: 5 })
  expect(await recorded()).toBe(5)
  const other = await api.deck.deck.orgs.create({ name: 'Other', slug: 'other' }, OPERATOR)
  expect((await record('scout', await api.key(other.id, 'member'))).status).toBe(201)
})

test('a quota holds however many come at once', async () => {
  await open({ actionsPerMonth: 5 })
  const answers = await Promise.all(Array.from({ length: 30 }, () => record('scout')))
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(5)
  expect(answers.filter(({ status }) => status === 402)).toHaveLength(25)
})
