import { Fault } from '../../../base/fault.ts'
import type { TerminalSize } from '../../../base/emulator.ts'
import type { Session } from '../../../domain/shells/types.ts'
import type { Link } from '../../operator/link.ts'

export interface SessionWish {
  agent: string
  session?: string
  fresh?: boolean
  argv?: string[]
}

/**
 * The session that is meant: the named one; else the agent's latest open shell; else, or with `fresh` or `argv`, a new one.
 * Faults: `session.ended`, and those of opening one.
 */
export async function findSession(
  link: Link,
  { agent, session, fresh, argv }: SessionWish,
  size: TerminalSize,
): Promise<Session> {
  if (session !== undefined || (fresh !== true && argv === undefined)) {
    const open = ((await link.do('session.list', {})) as Session[]).filter(
      (each) => each.state === 'open',
    )
    if (session !== undefined) return named(open, agent, session)
    const shells = open
      .filter((each) => each.agent === agent)
      .toSorted((a, b) => b.openedAt - a.openedAt)
    if (shells[0]) return shells[0]
  }
  return (await link.do('session.open', {
    agent,
    ...size,
    ...(argv === undefined ? {} : { argv }),
  })) as Session
}

function named(open: Session[], agent: string, id: string): Session {
  const found = open.find((each) => each.id === id)
  if (found) return found
  throw new Fault('session.ended', `this shell of ${agent} is over`, {
    hint: 'Open a new one: press a, or run `clawdeck attach <agent> --new`.',
  })
}
