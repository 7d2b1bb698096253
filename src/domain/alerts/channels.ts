import { Fault } from '../../base/fault.ts'
import { jsonLine } from '../../base/text.ts'
import type { RunProgram } from '../../ports/programs.ts'
import type { Channel } from './types.ts'

interface NotifyOptions {
  command: readonly string[]
  timeoutMs: number
  run: RunProgram
}

/** Programs that run at the same time. */
const AT_ONCE = 2
/** Messages that wait for one of them to end. What comes then is not told this way. */
const MOST_WAITING = 50

/** Runs the operator's program with each message as JSON. */
export function notifyChannel({ command, timeoutMs, run }: NotifyOptions): Channel {
  let running = 0
  const waiting: (() => void)[] = []
  return {
    name: 'notify',
    async deliver(message, _who, signal) {
      if (waiting.length >= MOST_WAITING)
        throw new Fault('not.possible', 'too many notifications at once')
      if (running < AT_ONCE) running++
      else await new Promise<void>((resolve) => waiting.push(resolve))
      try {
        await run({ words: command, input: jsonLine(message), timeoutMs, signal })
      } finally {
        // The next one takes the place of this one.
        const next = waiting.shift()
        if (next === undefined) running--
        else next()
      }
    },
  }
}

/**
 * Webhooks read the event itself, whatever else they hear of, and deliver it in their own time.
 */
export function webhookChannel(has: (name: string) => boolean): Channel {
  return {
    name: 'webhook',
    async deliver(_message, who) {
      if (!has(who)) throw new Fault('not.found', `there is no webhook ${who}`)
    },
  }
}

/** Consoles see the event itself, and ring. `isOpenFor`: whether one is open that may see it. */
export function consoleChannel(
  isOpenFor: (whom: { operator?: string; agent?: string }) => boolean,
): Channel {
  return {
    name: 'console',
    reaches: (operator) => isOpenFor({ operator }),
    async deliver({ question }, who) {
      const whom = {
        ...(who !== '' && { operator: who }),
        ...(question !== null && { agent: question.agent }),
      }
      if (isOpenFor(whom)) return
      const whose = who === '' ? '' : ` of ${who}`
      const which = isOpenFor({}) && question !== null ? ` that sees ${question.agent}` : ''
      throw new Fault('not.possible', `no console${whose}${which} is open`)
    },
  }
}
