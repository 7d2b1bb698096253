/**
 * A program that a test starts as root with `[uid, socket, token]`: it becomes another user of the
 * host, pairs itself, says its code, and once it is trusted tries what it reads as JSON.
 */
import { createInterface } from 'node:readline'
import { newDeviceKey, sessionOf } from '../../src/doors/access/remote.ts'
import { openLink, openPairingDoor } from '../../src/doors/operator/client.ts'

/** What to try: an act and its input, and a shell to attach. */
export interface Attempts {
  acts: [id: string, input: unknown, isStream: boolean][]
  shell: string
  /** The socket of whoever runs the deck. */
  ownSocket: string
}

/** What each was answered: `answered`, or the code of its fault. */
export interface Answers {
  uid: number
  role: string
  acts: Record<string, string>
  shell: string
  ownSocket: string
}

const [uid = '', socket = '', token = ''] = process.argv.slice(2)
process.setgroups?.([])
process.setgid?.(Number(uid))
process.setuid?.(Number(uid))

const say = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`)
const code = async (said: () => Promise<unknown>): Promise<string> => {
  try {
    await said()
    return 'answered'
  } catch (thrown) {
    return String((thrown as { code?: unknown }).code)
  }
}

const door = openPairingDoor(socket)
const { spki, pem } = newDeviceKey()
const key = { type: 'ed25519', spki }
const presented = { token, person: 'Eve', device: 'a terminal of hers', key }
const taken = (await door.do('present', presented)) as { id: string; code: string }
say({ code: taken.code })
let device = ''
const never = new AbortController().signal
for await (const item of door.stream('follow', { id: taken.id, token }, never))
  device = (item as { device: string | null }).device ?? ''
const link = openLink(socket, 'console', sessionOf({ socket, device, key: pem }))
const { role } = (await link.do('operator.me')) as { role: string }
for await (const line of createInterface(process.stdin)) {
  const { acts, shell, ownSocket } = JSON.parse(line) as Attempts
  const answers: Answers = {
    uid: process.getuid?.() ?? -1,
    role,
    acts: {},
    shell: await code(() => link.attach(shell, { columns: 80, rows: 24 })),
    ownSocket: await code(() => openLink(ownSocket, 'cli', () => undefined).do('operator.me')),
  }
  for (const [id, input, isStream] of acts)
    answers.acts[id] = await code(async () => {
      if (!isStream) return link.do(id, input)
      const one = new AbortController()
      const items = link.stream(id, input, one.signal)[Symbol.asyncIterator]()
      // What has nothing to tell yet was not refused either.
      setTimeout(() => one.abort(), 1000).unref()
      return items.next()
    })
  say(answers)
  link.close()
  break
}
process.exit(0)
