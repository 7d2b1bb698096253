import { afterEach, expect, test } from 'vitest'
import { colleague } from '../../support/colleague.ts'
import { TestDeck } from '../../support/deck.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

test('a viewer verifies the journal, and has no file of this machine read', async () => {
  const deck = await new TestDeck((act) => cleanups.push(act)).withAccess().start()
  const { link } = await colleague(deck, 'vic', { role: 'viewer' })
  cleanups.push(() => link.close())
  expect(await link.do('audit.verify')).toMatchObject({ ok: true })
  for (const file of ['/etc/passwd', '/nowhere'])
    await expect(link.do('audit.verify', { file })).rejects.toMatchObject({ code: 'refused' })
})
