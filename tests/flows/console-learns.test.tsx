import { afterEach, expect, test } from 'vitest'
import { openLink } from '../../src/doors/operator/client.ts'
import { TestDeck, type Heard, type TestAgent } from '../support/deck.ts'
import { Screen, stopClock } from '../support/screen.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const COMMAND = 'npm run build'
const report = (agent: TestAgent, { id }: Heard, result: string): Promise<unknown> =>
  agent.say('POST', `/v1/asks/${id}/outcome`, { result, exit_code: result === 'success' ? 0 : 1 })

async function opened(): Promise<{ deck: TestDeck; agent: TestAgent; screen: Screen }> {
  const deck = await new TestDeck((act) => cleanups.push(act)).start()
  const agent = await deck.agent('builder')
  const link = openLink(deck.home.socket, 'console')
  const screen = new Screen(120, 40).open(link)
  cleanups.push(async () => {
    await screen.close()
    link.close()
  })
  await screen.expect('1 up')
  return { deck, agent, screen }
}

/** The agent asks, the operator allows it at the keyboard, and the agent does it. */
async function allowOnce(
  screen: Screen,
  agent: TestAgent,
  clock: { pass(ms: number): void },
): Promise<void> {
  const heard = await agent.exec(COMMAND)
  expect(heard).toMatchObject({ pending: true })
  await screen.press('2').expectRow('▸', 'exec', COMMAND)
  // A key just after the row appeared decides nothing.
  clock.pass(200)
  await screen.expect('y allow')
  await screen.press('y').expect('none waiting')
  expect(await agent.wait(heard.id)).toMatchObject({ decision: 'allow' })
  await report(agent, heard, 'success')
}

test('three approvals confirm a rule, the fourth action is not asked, and two failures ask again', async () => {
  const clock = stopClock()
  const { agent, screen } = await opened()
  await allowOnce(screen, agent, clock)
  await screen.expectRow('◇', COMMAND, '1/3')
  await allowOnce(screen, agent, clock)
  await screen.expectRow('◇', COMMAND, '2/3')
  await allowOnce(screen, agent, clock)
  await screen.expectRow('✓', COMMAND, 'unused')
  const fourth = await agent.exec(COMMAND)
  expect(fourth).toMatchObject({ decision: 'allow', pending: false, reasons: [{ layer: 'rule' }] })
  await screen.expectRow('✓', COMMAND, '1×')
  await report(agent, fourth, 'failure')
  await report(agent, await agent.exec(COMMAND), 'failure')
  await screen.expectRow('⏸', COMMAND, 'failed twice')
  await screen.press('3', 'w').expect('it failed without asking')
  await screen.press('esc').expectGone('it failed without asking')
  await agent.exec(COMMAND)
  await screen.press('2').expect(/suspended/)
})

test('Y makes a rule of one approval, replayed on the past; suspended on the board, it asks again', async () => {
  const { agent, screen } = await opened()
  await agent.exec(COMMAND)
  await screen.press('2').expectRow('▸', COMMAND)
  await screen.press('Y').expect('Allow more like this')
  await screen.expect('recorded question')
  await screen.press('tab', 'right').expect('[every npm run]')
  await screen.press('enter').expect('none waiting')
  expect(await agent.exec('npm run lint')).toMatchObject({
    decision: 'allow',
    reasons: [{ layer: 'rule' }],
  })
  await screen.press('3', 'z').expectRow('candidate 0', 'confirmed 1')
  await screen.expect('▸ every npm run')
  await screen.press('p').expectRow('confirmed 0', 'suspended 1')
  expect(await agent.exec('npm run lint')).toMatchObject({ pending: true })
  await screen.press('x').expect('Archive rule “every npm run”?')
  await screen.press('y').expectRow('suspended 0', 'archived 1')
  await screen.expect('□')
  await screen.expect('every npm run')
})
