import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CliHarness } from './harness.ts'

const TOKEN = '4242:AAtest-token-of-a-bot-that-is-not-there'

let cli: CliHarness
beforeEach(async () => {
  cli = new CliHarness()
  await cli.awake({
    'chat.connect': { answer: { bot: 'deck_bot' } },
    'chat.disconnect': { answer: { bot: 'deck_bot' } },
  })
})

afterEach(() => cli.close())

describe('access bot', () => {
  test('reads the token from stdin, and shows the name of the bot alone', async () => {
    const { code, out, err } = await cli.run('access bot telegram', { input: [`${TOKEN}\n`] })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toBe(
      'The deck speaks as @deck_bot. Pair somebody: clawdeck access pair telegram deck\n',
    )
    expect(cli.asked).toEqual([{ id: 'chat.connect', input: { token: TOKEN } }])
  })

  test('asks for it on a terminal, without an echo', async () => {
    const { code, out, err } = await cli.run('access bot telegram', {
      tty: true,
      input: [`${TOKEN}\r`],
    })
    expect(code).toBe(0)
    expect(out + err).not.toContain(TOKEN)
    expect(err).toMatch(/^Token of the bot, from BotFather/)
    expect(cli.asked).toEqual([{ id: 'chat.connect', input: { token: TOKEN } }])
  })

  test('takes none on the command line', async () => {
    expect((await cli.run(`access bot telegram ${TOKEN}`)).code).toBe(2)
    expect((await cli.run('access bot telegram')).code).toBe(2)
    expect(cli.asked).toEqual([])
  })

  test('forgets it, and says so to programs', async () => {
    const { out } = await cli.run('access bot telegram --remove --json')
    expect(JSON.parse(out)).toEqual({ bot: 'deck_bot' })
    expect(cli.asked).toEqual([{ id: 'chat.disconnect', input: {} }])
  })
})
