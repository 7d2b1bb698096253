import { Fault } from '../base/fault.ts'
import type { Settings } from '../config/settings.ts'
import { isListening } from '../wire/listening.ts'
import type { DoorContext } from './door-context.ts'
import { refusalsAt } from './refusals.ts'
import { closeServer, listen } from './sockets.ts'

/** Serves paired devices where the settings say so. The code of the door is loaded only then. */
export async function openAccess({
  settings,
  composed: { operators, access, record },
  key,
  clock,
  log,
  execute,
  outside,
}: DoorContext & { settings: Settings }): Promise<AsyncDisposable | undefined> {
  const { socket } = settings.access
  if (socket === null) return undefined
  const [{ accessDoor }, { Sessions }, agents] = await Promise.all([
    import('../doors/access/door.ts'),
    import('../doors/access/sessions.ts'),
    outside(),
  ])
  // A phone signs each thing that it does, which only its page asks for.
  const trusted = (id: string) => {
    const device = access.trusted(id)
    return device?.kind === 'console' ? device : undefined
  }
  const sessions = new Sessions({ deck: key.keyId, clock, trusted })
  const refused = refusalsAt('access', { journal: record.journal, clock, problem: log })
  const server = accessDoor({ operators, sessions, agents, execute, log, refused })
  if (await isListening(socket)) throw unusable(socket, 'another program listens there')
  // Others have to reach it: what they may do depends on what they prove.
  await listen(server, socket, 0o666).catch((cause: unknown) => {
    throw unusable(socket, cause instanceof Error ? cause.message : String(cause))
  })
  log(`paired consoles are served at ${socket}`)
  return { [Symbol.asyncDispose]: () => closeServer(server) }
}

function unusable(socket: string, why: string): Fault {
  return new Fault('config.invalid', `access.socket: ${socket} cannot be used: ${why}`, {
    hint: 'Choose another path in config.yaml, in a folder that exists.',
  })
}
