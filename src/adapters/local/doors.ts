import { Fault } from '../../base/fault.ts'
import type { PodDoors } from '../../ports/pods.ts'
import { openNetnsDoor } from '../netns-door.ts'
import { openSocketDoor } from '../socket-door.ts'
import type { LocalPods } from './pods.ts'
import { joinPrefix } from './sandbox.ts'

/** Doors on the sandbox's own loopback, or for a plain pod at a private Unix socket. */
export function localDoors(pods: LocalPods): PodDoors {
  return {
    async open(agent, { port, socketPath }, accept) {
      const record = pods.running(agent)
      const tools = await pods.tools()
      if (record.mode === 'none') return openSocketDoor(socketPath, accept)
      if ('what' in tools)
        throw new Fault(
          'backend.failed',
          `The sandbox of ${agent} cannot be entered: ${tools.what}`,
          { hint: tools.fix },
        )
      const pid = record.first?.pid ?? 0
      return openNetnsDoor({ pid, port, enter: joinPrefix(tools, record) }, accept)
    },
  }
}
