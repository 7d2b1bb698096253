import { afterEach, beforeEach, expect, test } from 'vitest'
import { ManualClock } from '../../support/clock.ts'
import { PageDeck } from '../../support/page-deck.ts'
import { Phone } from '../../support/phone.ts'

const cleanups: (() => unknown)[] = []
const refused = { code: 'refused' }
let clock: ManualClock
let page: PageDeck
beforeEach(async () => {
  clock = new ManualClock()
  page = await PageDeck.open((act) => cleanups.push(act), clock)
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

test('a link works until its last second, and not one later', async () => {
  const [early, late] = [await page.offered(), await page.offered()]
  clock.advance(59_999)
  await (await Phone.at(page.door)).present(early.link)
  clock.advance(1)
  await expect((await Phone.at(page.door)).present(late.link)).rejects.toMatchObject(refused)
})

test('a code is confirmed in its time, and not after', async () => {
  const { link } = await page.offered()
  const { id, code } = await (await Phone.at(page.door)).present(link)
  clock.advance(10 * 60_000)
  await expect(page.confirm(id, code, 'ada')).rejects.toMatchObject({ code: 'not.possible' })
})

test('a signature and a challenge are good for 30 s, and a session for 12 h', async () => {
  const phone = await page.phone()
  const agent = await page.deck.agent('a1')
  await agent.exec('npm install left-pad')
  const [approval] = await phone.waiting()
  if (approval === undefined) throw new Error('nothing waits')
  const late = await phone.signedInput('allow', approval)
  clock.advance(30_000)
  await expect(phone.ask('/v1/do/approval.allow', late)).rejects.toMatchObject(refused)
  const soon = await phone.signedInput('allow', approval)
  clock.advance(29_999)
  await phone.ask('/v1/do/approval.allow', soon)
  const { nonce, text } = await phone.ask<{ nonce: string; text: string }>('/v1/pair/challenge', {
    device: phone.device,
  })
  const signature = await phone.sign(text)
  clock.advance(30_000)
  await expect(
    phone.ask('/v1/pair/session', { device: phone.device, nonce, signature }),
  ).rejects.toMatchObject(refused)
  clock.advance(12 * 3_600_000)
  await expect(phone.waiting()).rejects.toMatchObject(refused)
  await phone.open()
  expect(await phone.waiting()).toEqual([])
})

test('whoever decides after the expiry decides nothing, whatever their own clock says', async () => {
  const phone = await page.phone()
  const agent = await page.deck.agent('a1')
  const { id } = await agent.exec('npm install left-pad')
  const [approval] = await phone.waiting()
  if (approval === undefined) throw new Error('nothing waits')
  for await (const frame of phone.follow()) {
    if (frame.kind === 'all') expect(frame.now).toBe(clock.now())
    break
  }
  clock.advance(approval.expiresAt - clock.now())
  await expect(phone.decide('allow', approval)).rejects.toMatchObject({ code: 'approval.decided' })
  expect((await agent.wait(id)).decision).toBe('block')
})
