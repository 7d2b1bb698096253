import { Fault } from '../base/fault.ts'
import type { Row } from './command.ts'

/** The input of a row as its schema reads it. Fault `input.invalid` names the key and how the row is typed. */
export function checked(row: Row, input: unknown): unknown {
  const result = row.input?.safeParse(input ?? {})
  if (result === undefined) return {}
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const where = issue?.path.join('.') ?? ''
  throw new Fault(
    'input.invalid',
    `${row.id}: ${where === '' ? '' : `${where}: `}${issue?.message ?? 'the input is not right'}`,
    {
      hint: row.cli === undefined ? 'See `clawdeck --help`.' : `Usage: clawdeck ${row.cli}`,
    },
  )
}
