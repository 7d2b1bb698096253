import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Fault } from '../../base/fault.ts'
import { jsonLine } from '../../base/text.ts'
import type { ConnectedBot } from '../../commands/deck.ts'
import type { Cli } from './cli.ts'
import { pipedIn } from './piped.ts'
import { write } from './terminal.ts'

/**
 * Sets the bot of the deck, or removes it. The token is read from stdin, or asked for without an
 * echo: on a command line everybody on this machine could read it.
 */
export async function setBot(cli: Cli, remove: boolean): Promise<number> {
  const link = await cli.link()
  const answer = (await (remove
    ? link.do('chat.disconnect')
    : link.do('chat.connect', { token: await readToken(cli) }))) as ConnectedBot
  const said = remove
    ? `The token of @${answer.bot} is forgotten.\n`
    : `The deck speaks as @${answer.bot}. Pair somebody: clawdeck access pair telegram deck\n`
  await write(cli.streams.stdout, cli.json ? jsonLine(answer) : said)
  return 0
}

async function readToken({ streams }: Cli): Promise<string> {
  const piped = await pipedIn(streams.stdin)
  const token = piped?.toString('utf8').trim() ?? (await askHidden(streams))
  if (token !== '') return token
  throw new Fault('usage', 'no token was given', {
    hint: 'Pipe it in, or type it: clawdeck access bot telegram < token.txt',
  })
}

async function askHidden({ stdin, stderr }: Cli['streams']): Promise<string> {
  if (stdin.isTTY !== true) return ''
  await write(stderr, 'Token of the bot, from BotFather (it is not shown): ')
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true })
  try {
    return (await lines.question('')).trim()
  } finally {
    lines.close()
    await write(stderr, '\n')
  }
}
