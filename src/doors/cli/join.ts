import { hostname, userInfo } from 'node:os'
import { Fault } from '../../base/fault.ts'
import { jsonLine, plain } from '../../base/text.ts'
import { newDeviceKey, saveRemote } from '../access/remote.ts'
import { openPairingDoor } from '../operator/client.ts'
import type { Cli } from './cli.ts'
import { write } from './terminal.ts'

interface Taken {
  id: string
  code: string
}

interface Followed {
  state: string
  device: string | null
}

/** Pairs this terminal with the deck of a link, and waits until it is confirmed there. */
export async function join(
  cli: Cli,
  { link, name }: { link: string; name: string },
): Promise<number> {
  const { socket, token } = parseLink(link)
  const door = openPairingDoor(socket)
  const { spki, pem } = newDeviceKey()
  const { id, code } = (await door.do('present', {
    token,
    person: userInfo().username,
    device: hostname().slice(0, 100) || 'a terminal',
    key: { type: 'ed25519', spki },
  })) as Taken
  const { stderr, stdout } = cli.streams
  await write(stderr, `The code is ${code}. Waiting until somebody confirms it on the deck…\n`)
  let last: Followed | undefined
  for await (const item of door.stream('follow', { id, token }, new AbortController().signal))
    last = item as Followed
  if (last?.state !== 'confirmed' || last.device === null)
    throw new Fault('refused', `the pairing is ${last?.state ?? 'over'}`, {
      hint: 'Ask an owner of the deck for another link.',
    })
  const path = await saveRemote(cli.home, name, { socket, device: last.device, key: pem })
  const told = { name, device: last.device, path }
  await write(
    stdout,
    cli.json
      ? jsonLine(told)
      : `Paired as ${plain(last.device)}. Use that deck: CLAWDECK_REMOTE=${name} clawdeck\n`,
  )
  return 0
}

function parseLink(link: string): { socket: string; token: string } {
  const [, socket, token] = /^clawdeck:(\/[^#]+)#([\w-]+)$/.exec(link) ?? []
  if (socket === undefined || token === undefined)
    throw new Fault('input.invalid', 'this is no link to a deck', {
      hint: 'It looks like clawdeck:/path/to/socket#token. `clawdeck access pair console deck` makes one.',
    })
  return { socket, token }
}
