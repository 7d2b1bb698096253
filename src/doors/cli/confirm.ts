import { createInterface } from 'node:readline/promises'
import { confirmedAs, type Confirmation } from '../../base/confirmation.ts'
import { Fault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import type { Cli } from './cli.ts'
import { isOnTerminal, write } from './terminal.ts'

/**
 * Has an act done. Where a person has to confirm something first, that is asked on the terminal,
 * and the act tried again. Without a terminal, what has to be seen is printed and so confirmed; the
 * rest has to be named on the command line.
 */
export async function withConfirmation(
  cli: Cli,
  input: Record<string, unknown>,
  send: (input: Record<string, unknown>) => Promise<unknown>,
): Promise<unknown> {
  try {
    return await send(input)
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'confirmation.needed') throw thrown
    await show(cli, thrown.confirm)
    const named = thrown.confirm.filter(({ what }) => what !== 'seen')
    if (isOnTerminal(cli.streams) && !cli.json) await askFor(cli, named)
    else if (named.length > 0) throw unnamed(named)
    const given = (input['confirm'] ?? []) as string[]
    const confirmed = Object.entries(confirmedAs(thrown.confirm)).map((pair) => pair.join('='))
    return send({ ...input, confirm: [...given, ...confirmed] })
  }
}

async function show({ streams }: Cli, needed: readonly Confirmation[]): Promise<void> {
  for (const { what, text } of needed) if (what === 'seen') await write(streams.stderr, `${text}\n`)
}

async function askFor({ streams }: Cli, named: readonly Confirmation[]): Promise<void> {
  const lines = createInterface({ input: streams.stdin, output: streams.stderr })
  try {
    const questions = named.map(({ text, value }) => ({ text: `${text}\nType ${value}`, value }))
    for (const { text, value } of questions.length > 0
      ? questions
      : [{ text: 'Go on? Type y', value: 'y' }]) {
      const answer = await lines.question(`${text}: `)
      if (answer.trim() !== value)
        throw new Fault('refused', 'it was not confirmed; nothing was done')
    }
  } finally {
    lines.close()
  }
}

function unnamed(named: readonly Confirmation[]): Fault {
  const flags = named.map(({ what, value }) => `--confirm ${what}=${value}`).join(' ')
  const texts = named.map(({ text }) => plain(text, 500)).join('; ')
  return new Fault('confirmation.needed', `it has to be confirmed: ${texts}`, {
    confirm: named,
    hint: `If that is what you want, add ${flags}`,
  })
}
