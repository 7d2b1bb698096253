import type { Server } from 'node:http'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { openLink } from '../../../src/doors/operator/client.ts'
import { operatorDoor } from '../../../src/doors/operator/door.ts'
import { tempFolder } from '../../support/journal.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

async function open(execute: (id: string, input: unknown) => unknown) {
  const socket = join(
    tempFolder((act) => cleanups.push(act)),
    's',
  )
  const server: Server = operatorDoor({
    callerOf: (_, signal) => ({ actor: 'operator:maya/cli', door: 'cli', role: 'owner', signal }),
    present: () => undefined,
    execute,
    log: () => undefined,
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  cleanups.push(() => new Promise((resolve) => server.close(resolve)))
  return openLink(socket, 'cli')
}

it('passes on input of 8 MiB, as it is piped into a command', async () => {
  const data = Buffer.alloc(8 << 20, 'x').toString('base64')
  const link = await open((_, input) => (input as { data: string }).data.length)
  expect(await link.do('agent.exec', { data })).toBe(data.length)
})

it('refuses a larger request and closes its connection', async () => {
  const link = await open(() => undefined)
  await expect(link.do('agent.exec', { data: 'x'.repeat(13 << 20) })).rejects.toMatchObject({
    code: 'input.invalid',
    message: 'the request is larger than 12 MiB',
  })
})
