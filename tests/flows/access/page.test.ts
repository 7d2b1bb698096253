import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DoorRow } from '../../../src/domain/doors/types.ts'
import type { Approval } from '../../../src/domain/approvals/types.ts'
import type { PageFrame } from '../../../src/doors/web/page-wire.ts'
import { PageDeck } from '../../support/page-deck.ts'
import { Phone, tokenIn } from '../../support/phone.ts'

const cleanups: (() => unknown)[] = []
let page: PageDeck
beforeEach(async () => {
  page = await PageDeck.open((act) => cleanups.push(act))
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const refused = { code: 'refused' }
const events = (type: string) => page.deck.events().filter((event) => event.type === type)

describe('the page for phones', () => {
  test('is off until an owner opens it, and then comes back with the supervisor', async () => {
    const url = page.door.address?.url ?? ''
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    await page.deck.stop()
    await page.deck.start()
    expect(await page.owner.do('access.doors')).toMatchObject([
      { state: 'open', address: { url, fingerprint: page.door.address?.fingerprint } },
    ])
    await page.owner.do('access.serve', { state: 'off' })
    const phone = await Phone.at(page.door)
    await expect(phone.send('/', {})).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await page.deck.stop()
    await page.deck.start()
    await expect(phone.send('/', {})).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(events('door.opened')).toHaveLength(1)
    expect(events('door.closed')).toHaveLength(1)
    await expect(page.offered()).rejects.toMatchObject({ code: 'not.possible' })
  })

  test('keeps its certificate when it moves, and is told to no strange address', async () => {
    const moved = (await page.owner.do('access.serve', { port: 0 })) as DoorRow
    expect(moved.address?.fingerprint).toBe(page.door.address?.fingerprint)
    await expect(page.owner.do('access.serve', { lan: '203.0.113.9' })).rejects.toMatchObject({
      code: 'not.possible',
      message: '203.0.113.9 is not an address of this machine',
    })
    for (const lan of ['0.0.0.0', '::', '224.0.0.1', '255.255.255.255', 'example.org'])
      await expect(page.owner.do('access.serve', { lan }), lan).rejects.toMatchObject({
        code: 'input.invalid',
      })
  })

  test('decides by a signature, and the event names door and device', async () => {
    const phone = await page.phone()
    const { agent, approval } = await page.question(phone)
    const waiting = agent.wait(approval.id)
    expect(await phone.decide('allow', approval)).toMatchObject({
      decided: [{ id: approval.id, state: 'allowed' }],
    })
    expect((await waiting).decision).toBe('allow')
    expect(events('approval.decided')[0]?.actor).toBe(`operator:ada/web/${phone.device}`)
    const other = await agent.exec('rm -rf build')
    const [second] = await phone.waiting()
    expect(second?.id).toBe(other.id)
    await phone.decide('deny', second as Approval)
    expect((await agent.wait(other.id)).decision).toBe('block')
  })

  test('shows questions as they come, and what others decide', async () => {
    const phone = await page.phone()
    const frames: PageFrame[] = []
    const agent = await page.deck.agent('a1')
    let allowed: Promise<unknown> | undefined
    for await (const frame of phone.follow()) {
      frames.push(frame)
      if (frame.kind === 'all') void agent.exec('npm install left-pad')
      if (frame.kind !== 'some') continue
      const [approval] = frame.approvals as [Approval]
      if (approval.state !== 'pending') break
      allowed ??= page.owner.do('approval.deny', { ids: [approval.id] })
    }
    await allowed
    expect(frames.filter(({ kind }) => kind === 'some')).toMatchObject([
      {
        approvals: [{ agent: 'a1', state: 'pending', action: { target: 'npm install left-pad' } }],
      },
      { approvals: [{ agent: 'a1', state: 'denied', by: 'operator:maya/cli' }] },
    ])
  })

  test('shows a device for some agents nothing of others', async () => {
    const phone = await page.phone({ scope: 'a1' })
    const [a1, b1] = [await page.deck.agent('a1'), await page.deck.agent('b1')]
    const [{ id }] = [await a1.exec('make a'), await b1.exec('make b')]
    expect((await phone.waiting()).map((one) => one.id)).toEqual([id])
  })

  test('says at once that a device was revoked, and lets it in no more', async () => {
    const phone = await page.phone()
    const { approval } = await page.question(phone)
    const told: PageFrame[] = []
    for await (const frame of phone.follow()) {
      told.push(frame)
      if (frame.kind !== 'all') continue
      void page.owner.do('access.revoke', { id: phone.device })
    }
    expect(told.at(-1)).toEqual({ kind: 'end', why: `${phone.device} was revoked` })
    await expect(phone.decide('allow', approval)).rejects.toMatchObject(refused)
    await expect(phone.open()).rejects.toMatchObject(refused)
    await expect(phone.waiting()).rejects.toMatchObject(refused)
  })

  test('follows a role that is changed while it looks', async () => {
    const phone = await page.phone({ role: 'viewer' })
    const { approval } = await page.question(phone)
    await expect(phone.decide('allow', approval)).rejects.toMatchObject(refused)
    expect(events('act.refused')).toMatchObject([
      { actor: `operator:ada/web/${phone.device}`, body: { act: 'approval.allow', door: 'web' } },
    ])
    // Nothing that it says itself makes it more.
    const more = { id: 'ada', role: 'owner' }
    await expect(phone.ask('/v1/do/operator.role', { input: more })).rejects.toMatchObject(refused)
    await page.owner.do('operator.role', { id: 'ada', role: 'operator' })
    await phone.open()
    expect(await phone.decide('allow', approval)).toMatchObject({ failed: [] })
  })
})

describe('the link', () => {
  test('holds the token and the certificate after its #, and works once', async () => {
    const { link, pairing } = await page.offered()
    const { fingerprint = '', url = '' } = page.door.address ?? {}
    expect(link).toBe(`${url}/#${tokenIn(link)}.${fingerprint.slice(0, 20)}`)
    expect(Buffer.from(tokenIn(link), 'base64url')).toHaveLength(18)
    const [first, second] = [await Phone.at(page.door), await Phone.at(page.door)]
    const taken = await Promise.allSettled([first.present(link), second.present(link)])
    expect(taken.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(events('pairing.guessed')).toHaveLength(1)
    await expect(page.confirm(pairing.id, '000000', 'ada')).rejects.toMatchObject({
      code: 'confirmation.needed',
    })
  })

  test('is confirmed by owners only, and its code by nobody who guesses', async () => {
    const { link } = await page.offered()
    const { id, code } = await (await Phone.at(page.door)).present(link)
    const viewer = await page.phone({ role: 'viewer' })
    const input = { id, operator: 'eve', confirm: { code } }
    await expect(viewer.ask('/v1/do/access.confirm', { input })).rejects.toMatchObject(refused)
    const operator = await page.phone({}, 'ben')
    await expect(operator.ask('/v1/do/access.confirm', { input })).rejects.toMatchObject(refused)
    expect(events('act.refused').map(({ body }) => body)).toMatchObject([
      { act: 'access.confirm', role: 'viewer' },
      { act: 'access.confirm', role: 'operator' },
    ])
  })

  test('is over when tokens are guessed, and those who try much have to wait', async () => {
    const { link } = await page.offered()
    const phone = await Phone.at(page.door)
    for (let i = 0; i < 5; i++)
      await expect(phone.present(`#${'x'.repeat(24)}.00`)).rejects.toMatchObject(refused)
    await expect(phone.present(link)).rejects.toMatchObject(refused)
    expect(events('pairing.locked')).toHaveLength(1)
    let status = 0
    for (let i = 0; i < 40 && status !== 429; i++)
      status = (await phone.post('/v1/pair/present', {})).statusCode ?? 0
    expect(status).toBe(429)
    expect(events('door.refused')).toMatchObject([{ body: { why: 'too many tries', times: 1 } }])
  })

  test('takes no names that are huge, and shows hostile ones as they are', async () => {
    const { link, pairing } = await page.offered()
    const phone = await Phone.at(page.door)
    await expect(phone.present(link, 'x'.repeat(4 << 20))).rejects.toThrow()
    await expect(phone.present(link, 'x'.repeat(101))).rejects.toMatchObject({
      code: 'input.invalid',
    })
    const { code } = await phone.present(link, '\u001b[2J\u202eenohp')
    await expect(
      page.owner.do('access.confirm', { id: pairing.id, operator: 'ada' }),
    ).rejects.toMatchObject({
      confirm: [
        { value: code, text: expect.stringContaining('with ␛[2J�enohp becomes') as string },
      ],
    })
  })
})
