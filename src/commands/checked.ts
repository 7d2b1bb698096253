import type { z } from 'zod'
import { Fault } from '../base/fault.ts'

/** What an act or a face takes, and how it is typed. */
interface Takes {
  id: string
  input: z.ZodType | undefined
  cli?: string
}

/** The input as its schema reads it. Fault `input.invalid` names the key and how it is typed. */
export function checked({ id, input: schema, cli }: Takes, input: unknown): unknown {
  const result = schema?.safeParse(input ?? {})
  if (result === undefined) return {}
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const where = issue?.path.join('.') ?? ''
  throw new Fault(
    'input.invalid',
    `${id}: ${where === '' ? '' : `${where}: `}${issue?.message ?? 'the input is not right'}`,
    { hint: cli === undefined ? 'See `clawdeck --help`.' : `Usage: clawdeck ${cli}` },
  )
}
