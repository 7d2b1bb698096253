import { Fault } from '../base/fault.ts'
import { checked } from '../commands/checked.ts'
import type { Caller } from '../commands/command.ts'
import type { Deck } from '../commands/deck.ts'
import { findRow } from '../commands/registry.ts'

/**
 * The one way in: may this caller, is the input right, then do it. Streams answer an async iterable.
 * Faults: `usage` (no such row), `refused` (role), `input.invalid` (naming the key), and what the act itself says.
 */
export function execute(deck: Deck, id: string, input: unknown, caller: Caller): unknown {
  const row = findRow(id)
  if (row?.run === undefined)
    throw new Fault('usage', `there is no command ${id}`, {
      hint: 'This door and the supervisor may be of different versions: `clawdeck supervisor stop`, then try again.',
    })
  if (caller.role === 'viewer' && row.viewer !== true)
    throw new Fault('refused', `${row.title.toLowerCase()} is not for viewers`)
  return row.run(deck, checked(row, input) as never, caller)
}
