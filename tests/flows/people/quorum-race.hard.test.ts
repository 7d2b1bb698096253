import { writeFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import type { Approval } from '../../../src/domain/approvals/types.ts'
import { openLink } from '../../../src/doors/operator/client.ts'
import { colleague } from '../../support/colleague.ts'
import { yesTo } from '../../support/confirmed.ts'
import { TestDeck } from '../../support/deck.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

test('of two who agree and one who denies at once, exactly one outcome stands', async () => {
  const deck = new TestDeck((act) => cleanups.push(act)).withAccess()
  writeFileSync(deck.home.policies, 'policies: [{ effect: ask, target: "git push*", people: 2 }]\n')
  await deck.start()
  const maya = openLink(deck.home.socket, 'console', () => undefined)
  const [ada, tom] = [await colleague(deck, 'ada'), await colleague(deck, 'tom')]
  const links = [maya, ada.link, tom.link]
  cleanups.push(() => {
    for (const link of links) link.close()
  })
  const a1 = await deck.agent('a1')
  const seen = new Set<string>()
  for (let round = 0; round < 60; round++) {
    const { id } = await a1.exec(`git push origin branch-${round}`)
    const waiting = a1.wait(id)
    const a = await deck.deck.approvals.get(id)
    const calls = links.map(
      (link, i) => () =>
        i === round % 3
          ? link.do('approval.deny', { ids: [id] })
          : link.do('approval.allow', yesTo(a)),
    )
    const first = round % calls.length
    const ordered = [...calls.slice(first), ...calls.slice(0, first)]
    await Promise.allSettled(ordered.map((call) => call()))
    const after: Approval = await deck.deck.approvals.get(id)
    const decisions = deck
      .events()
      .filter(({ type, body }) => type === 'approval.decided' && (body as { id: string }).id === id)
    expect(decisions).toHaveLength(1)
    expect(['allowed', 'denied']).toContain(after.state)
    expect((await waiting).decision).toBe(after.state === 'allowed' ? 'allow' : 'block')
    if (after.state === 'allowed') expect(after.by.split(', ')).toHaveLength(2)
    seen.add(after.state)
  }
  expect(await deck.deck.audit.verify({})).toMatchObject({ ok: true })
  expect(await deck.deck.audit.rebuild()).toMatchObject({ same: true })
  expect(seen.size).toBeGreaterThan(0)
}, 120_000)
