import { Fault } from '../../../base/fault.ts'
import type { TerminalSize } from '../../../base/emulator.ts'
import type { Shell } from '../../../domain/shells/types.ts'
import type { Link } from '../../operator/link.ts'

interface ShellRequest {
  agent: string
  shell?: string
  fresh?: boolean
  argv?: string[]
}

/**
 * The named shell, or the agent's latest open one, or a new one if there is none. With `fresh` or
 * `argv` always a new one. Faults: `shell.ended`, and those of opening a shell.
 */
export async function findShell(
  link: Link,
  { agent, shell, fresh, argv }: ShellRequest,
  size: TerminalSize,
): Promise<Shell> {
  if (shell !== undefined || (fresh !== true && argv === undefined)) {
    const open = ((await link.do('shell.list', {})) as Shell[]).filter(
      (each) => each.state === 'open',
    )
    if (shell !== undefined) return shellById(open, agent, shell)
    const shells = open
      .filter((each) => each.agent === agent)
      .toSorted((a, b) => b.openedAt - a.openedAt)
    if (shells[0]) return shells[0]
  }
  return (await link.do('shell.open', {
    agent,
    ...size,
    ...(argv === undefined ? {} : { argv }),
  })) as Shell
}

function shellById(open: Shell[], agent: string, id: string): Shell {
  const found = open.find((each) => each.id === id)
  if (found) return found
  throw new Fault('shell.ended', `this shell of ${agent} has ended`, {
    hint: 'Open a new one: press a, or run clawdeck attach <agent> --new.',
  })
}
