import { Cron } from 'croner'
import { Fault } from '../../../base/fault.ts'

/** One minute of an hour, or a name such as `@daily`: so that it comes at most once an hour. */
const ONCE_AN_HOUR = /^(?:\d{1,2}\s|@[a-z]+$)/

/**
 * When a cron expression of five parts comes next after a time, both in Unix milliseconds, in UTC.
 * Fault `input.invalid` for one that cannot be read, never comes, or comes more often than hourly.
 */
export function nextCron(expression: string, after: number): number {
  const text = expression.trim()
  const next = ONCE_AN_HOUR.test(text) ? nextOf(text, after) : undefined
  if (next !== undefined) return next
  throw new Fault(
    'input.invalid',
    'cron_expression must be five parts, name one minute, and come some day: "0 3 * * 1"',
  )
}

function nextOf(text: string, after: number): number | undefined {
  try {
    const cron = new Cron(text, { paused: true, timezone: 'UTC', mode: '5-part' })
    return cron.nextRun(new Date(after))?.getTime()
  } catch {
    return undefined
  }
}
