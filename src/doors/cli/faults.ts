import type { Fault } from '../../base/fault.ts'
import { jsonLine, plain } from '../../base/text.ts'
import type { Paint } from './terminal.ts'

/** What went wrong, why, and what to do next, for people. */
export function drawFault(fault: Fault, paint: Paint): string {
  const why = causeOf(fault)
  return [
    `${paint('bad', 'clawdeck:')} ${plain(fault.message, 2000)}`,
    ...(why === undefined ? [] : [`  ${paint('dim', 'why')}   ${plain(why, 1000)}`]),
    ...(fault.hint === undefined ? [] : [`  ${paint('dim', 'next')}  ${plain(fault.hint, 2000)}`]),
    '',
  ].join('\n')
}

/** The same as one line of JSON. */
export function faultLine(fault: Fault): string {
  return jsonLine({ fault: fault.toJSON() })
}

function causeOf({ cause, message }: Fault): string | undefined {
  if (!(cause instanceof Error) || cause.message === message) return undefined
  return cause.message
}
