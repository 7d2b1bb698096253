import { afterEach, describe, expect, test } from 'vitest'
import type { PairingOffer } from '../../../src/domain/operators/pairing/types.ts'
import type { DeckEvent } from '../../../src/journal/types.ts'
import { BotApi, TOKEN, type SeenMessage } from '../../support/bot-api.ts'
import { ChatUser } from '../../support/chat-user.ts'
import { TestAgent } from '../../support/deck.ts'
import { tempFolder } from '../../support/journal.ts'
import { seeded } from '../../support/random.ts'
import { SupervisorProcess } from '../../support/supervisor-process.ts'
import { until } from '../../support/until.ts'

const KILLS = 25

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

async function pairedProcess() {
  const api = await new BotApi().start()
  cleanups.push(() => api.stop())
  const folder = tempFolder((act) => cleanups.push(act))
  const supervisor = new SupervisorProcess(folder, `telegram: { apiRoot: "${api.root}" }\n`)
  cleanups.push(() => supervisor.end())
  await supervisor.start()
  const { link } = supervisor
  await link.do('chat.connect', { token: TOKEN })
  await link.do('agent.create', { template: 'coder', agent: 'a1' })
  await link.do('agent.start', { agent: 'a1' })
  const agent = new TestAgent('a1', supervisor.home.agent('a1').door)
  const ada = new ChatUser(api, 7)
  const offer = { kind: 'telegram', scope: 'deck', role: 'operator' }
  const { pairing, token } = (await link.do('access.pair', offer)) as PairingOffer
  ada.says(`/start ${token}`)
  const code = /\d{6}/.exec((await ada.sees(/Your code is/)).text)?.[0]
  await link.do('access.confirm', { id: pairing.id, operator: 'ada', confirm: { code } })
  await ada.sees(/You are paired/)
  const events = async (type: string): Promise<DeckEvent[]> => {
    const found: DeckEvent[] = []
    const signal = new AbortController().signal
    for await (const event of link.stream('audit.tail', { limit: 10_000 }, signal))
      if ((event as DeckEvent).type === type) found.push(event as DeckEvent)
    return found
  }
  /** Has the agent ask once its door is open, and answers what the chat shows of it. */
  const asked = async (target: string): Promise<SeenMessage> => {
    await until('the agent can ask', async () => {
      const said = await agent.ask({ type: 'exec', target }).catch(() => undefined)
      return said?.pending === true
    })
    await until('the message is remembered', async () => {
      const shown = await events('chat.approval_shown')
      return shown.length > 0 && ada.screen.some(({ text }) => text.includes(`\n${target}\n`))
    })
    return ada.screen.findLast(({ text }) => text.includes(`\n${target}\n`)) as SeenMessage
  }
  return { api, supervisor, agent, ada, events, asked }
}

describe('a supervisor that is killed between a tap and its answer', () => {
  test('has decided once, and tells what came of it', { timeout: 120_000 }, async () => {
    const { api, supervisor, ada, events, asked } = await pairedProcess()
    const shown = await asked('npm install left-pad')
    api.trouble('answerCallbackQuery', { silent: true })
    api.trouble('editMessageText', { silent: true })
    ada.taps(shown, /Allow/)
    await until(
      'the tap is about to be answered',
      () => api.called('answerCallbackQuery').length === 1,
    )
    await supervisor.kill()
    expect(shown.text).toMatch(/^a1 asks/)
    await supervisor.start()
    await until('the message says it', () => shown.text.startsWith('✓ Allowed by ada (telegram)'))
    expect(await events('approval.decided')).toHaveLength(1)
  })

  test(`decides once, ${KILLS} times at odd moments`, { timeout: 600_000 }, async () => {
    const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)
    const random = seeded(seed)
    const { api, supervisor, ada, events, asked } = await pairedProcess()
    for (let kill = 0; kill < KILLS; kill++) {
      const shown = await asked(`npm install p${kill}`)
      const yes = random() < 0.5
      ada.taps(shown, yes ? /^Allow/ : /^Deny/)
      // From before the tap is read until after its answer.
      const calls = api.calls.length + Math.floor(random() * 5)
      const soon = performance.now() + random() * 30
      await until(
        'a moment has passed',
        () => api.calls.length >= calls || performance.now() > soon,
      )
      await supervisor.kill()
      await supervisor.start()
      const outcome = yes ? '✓ Allowed by ada (telegram)' : '✗ Denied by ada (telegram)'
      await until(`KILL_SEED=${seed}: message ${kill} says it`, () =>
        shown.text.startsWith(outcome),
      )
    }
    const decided = await events('approval.decided')
    expect(new Set(decided.map(({ body }) => (body as { id: string }).id)).size).toBe(KILLS)
    expect(decided, `KILL_SEED=${seed}`).toHaveLength(KILLS)
  })
})
