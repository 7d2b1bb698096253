import { truncateSync } from 'node:fs'
import { expect } from 'vitest'
import { openLink } from '../../src/doors/operator/client.ts'
import type { AcceptedLoss } from '../../src/journal/types.ts'
import { OPERATOR, TestDeck, type TestAgent } from './deck.ts'

export interface Fleet {
  deck: TestDeck
  a1: TestAgent
}

/** One command for each thing that can allow it. */
export const ALLOWED = {
  template: 'git status',
  policy: 'echo hello',
  lease: 'git push origin main',
  rule: 'npm run release',
}
export const BROKEN = /journal is broken.*clawdeck audit accept-loss/

/** A deck where something allows each of the commands, all of it written into the database file. */
export async function allowing(onEnd: (act: () => unknown) => void): Promise<Fleet> {
  const deck = await new TestDeck(onEnd).start()
  const a1 = await deck.agent('a1')
  await deck.deck.policy.add({ effect: 'allow', type: 'exec', target: 'echo *' }, OPERATOR)
  await deck.deck.policy.add({ effect: 'block', type: 'exec', target: 'dd *' }, OPERATOR)
  const { id } = await a1.exec(ALLOWED.lease)
  await deck.deck.approvals.allow(id, { lease: { uses: 99, minutes: 60 } }, OPERATOR)
  const asked = await a1.exec(ALLOWED.rule)
  await deck.deck.rules.propose(
    { approval: asked.id, width: 'exact', decision: 'allow', scope: 'project', days: null },
    OPERATOR,
  )
  await deck.deck.approvals.allow(asked.id, {}, OPERATOR)
  for (const command of Object.values(ALLOWED))
    expect(await a1.exec(command), command).toMatchObject({ decision: 'allow' })
  await deck.stop()
  await deck.start()
  return { deck, a1 }
}

/** Ends it as a crash does, and cuts off what was written since the start. */
export const cut = ({ deck }: Fleet) =>
  deck.crash(() => truncateSync(`${deck.home.database}-wal`, 0))

export async function restarted({ deck }: Fleet): Promise<void> {
  await deck.stop()
  await deck.start()
}

export async function accept({ deck }: Fleet): Promise<AcceptedLoss> {
  return (await openLink(deck.home.socket, 'cli').do('audit.accept_loss', {})) as AcceptedLoss
}

export const problemOf = async ({ deck }: Fleet) =>
  (await deck.deck.supervisor.status()).journalProblem

export async function expectCareful(fleet: Fleet, because: RegExp = BROKEN): Promise<void> {
  const { deck, a1 } = fleet
  for (const command of Object.values(ALLOWED)) {
    const answer = await a1.exec(command)
    expect(answer, command).toMatchObject({ decision: 'require_approval', pending: true })
    expect(answer.reasons[0]?.text, command).toMatch(because)
  }
  expect(await a1.exec('dd if=/dev/zero')).toMatchObject({ decision: 'block' })
  const tested = await deck.deck.policy.test('a1', { type: 'exec', target: ALLOWED.policy })
  expect(tested.decision).toBe('require_approval')
  expect(await problemOf(fleet)).toMatch(because)
  expect(deck.deck.watch.snapshot().deck.journalProblem).toMatch(because)
}

export async function expectTrusted(fleet: Fleet): Promise<void> {
  expect(await problemOf(fleet)).toBeNull()
  for (const command of Object.values(ALLOWED))
    expect(await fleet.a1.exec(command), command).toMatchObject({ decision: 'allow' })
  expect(await fleet.deck.deck.audit.verify({})).toMatchObject({
    ok: true,
    problems: [],
    losses: [],
  })
}
