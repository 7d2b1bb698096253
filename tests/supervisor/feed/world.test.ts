import { afterEach, expect, test } from 'vitest'
import {
  applyFrames,
  emptyWorld,
  tableOf,
  type WorldHalf,
} from '../../../src/doors/console/store/world.ts'
import { openLink } from '../../../src/doors/operator/client.ts'
import { OPERATOR, TestDeck } from '../../support/deck.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

/** A console's mirror of a deck, brought up to date by every frame until it answers. */
async function mirrored(
  deck: TestDeck,
  is: (world: WorldHalf) => boolean,
  act: () => Promise<unknown>,
): Promise<WorldHalf> {
  const link = openLink(deck.home.socket, 'console')
  const stop = new AbortController()
  let world = emptyWorld()
  let acting: Promise<unknown> | undefined
  for await (const frame of link.world(stop.signal)) {
    world = applyFrames(world, [frame])
    acting ??= act()
    if (is(world)) break
  }
  stop.abort()
  link.close()
  await acting
  return world
}

test('a rule reaches who looks as it is made, learns, is used and goes; with the counts', async () => {
  const deck = await new TestDeck((act) => cleanups.push(act)).start()
  const agent = await deck.agent('a1')
  const allow = async (): Promise<void> => {
    const { id } = await agent.exec('npm run build')
    await deck.deck.approvals.allow(id, {}, OPERATOR)
  }
  const one = (world: WorldHalf) => [...tableOf(world, 'rule').values()][0]
  await mirrored(deck, (world) => one(world)?.support === 1, allow)
  const confirmed = await mirrored(
    deck,
    (world) => one(world)?.status === 'confirmed' && world.deck?.rules.confirmed === 1,
    async () => {
      await allow()
      await allow()
    },
  )
  expect(confirmed.ruleOrder[0]).toBe(`rule:${one(confirmed)?.id ?? ''}`)
  await mirrored(
    deck,
    (world) => one(world)?.uses === 1,
    () => agent.exec('npm run build'),
  )
  await mirrored(
    deck,
    (world) => tableOf(world, 'rule').size === 0 && world.deck?.rules.archived === 1,
    () => deck.deck.rules.archive(one(confirmed)?.id ?? '', '', OPERATOR),
  )
})
