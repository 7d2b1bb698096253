import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readPrograms, usePrograms } from '../../src/config/programs.ts'
import { OPERATOR, TestDeck } from '../support/deck.ts'

function deckWith(text: string): TestDeck {
  onTestFinished(() => usePrograms(readPrograms('/nowhere')))
  const deck = new TestDeck((act) => {
    onTestFinished(async () => {
      await act()
    })
  })
  mkdirSync(deck.home.programs)
  writeFileSync(join(deck.home.programs, 'own.yaml'), text)
  return deck
}

it("judges by the operator's own programs", async () => {
  const deck = await deckWith(
    "programs:\n  deploy: { options: { plain: '-v', reaches: '--to=host' } }\n",
  ).start()
  await deck.deck.policy.add({ effect: 'allow', type: 'exec', target: 'deploy *' }, OPERATOR)
  await deck.deck.agents.create({ template: 'coder', agent: 'a1', backend: 'memory' }, OPERATOR)
  const answer = async (target: string) =>
    (await deck.deck.policy.test('a1', { type: 'exec', target })).decision
  expect(await answer('deploy -v x')).toBe('allow')
  expect(await answer('deploy --to evil x')).toBe('require_approval')
})

it('does not start with a mistake in them, and says where it is', async () => {
  const deck = deckWith("programs:\n  deploy: { operands: 'fiel*' }\n")
  await expect(deck.start()).rejects.toThrow(/programs\/own\.yaml:2.*programs\.deploy\.operands/s)
})
