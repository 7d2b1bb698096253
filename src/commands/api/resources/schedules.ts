import { Cron } from 'croner'
import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import type { RecordData } from '../../../domain/governance/records/types.ts'
import type { Endpoint } from '../endpoint.ts'
import { AgentId, someText, text, YesNo } from '../inputs.ts'
import { changesRecord, createsRecord, listsRecords, removesRecord } from '../kinds/endpoints.ts'
import { newIds, type RecordKind } from '../kinds/kind.ts'

/** When a schedule is due next after a time, in UTC; null for never. Throws what Croner does. */
function nextRun(expression: string, after: number): string | null {
  const cron = new Cron(expression, { timezone: 'UTC', mode: '5-part' })
  return cron.nextRun(new Date(after))?.toISOString() ?? null
}

/** Fault `input.invalid` for what is no expression, or never due. */
function firstRun(expression: string, now: string): string {
  try {
    const next = nextRun(expression, Date.parse(now))
    if (next !== null) return next
  } catch (cause) {
    throw new Fault('input.invalid', `cron_expression: ${plain((cause as Error).message, 200)}`, {
      cause,
      hint: 'Five fields in UTC, as in `0 9 * * 1-5`.',
    })
  }
  throw new Fault('input.invalid', 'cron_expression: this is never due')
}

const SCHEDULE: RecordKind = {
  kind: 'agent_schedule',
  one: 'schedule',
  many: 'schedules',
  id: newIds.hex('sch'),
  shape: () => ({
    agent_id: AgentId,
    name: someText(500),
    cron_expression: someText(200),
    description: text(2000).optional(),
    enabled: YesNo.optional(),
  }),
  defaults: { enabled: true },
  made: ({ cron_expression: expression }, { now }) => ({
    next_run: firstRun(String(expression), now),
  }),
  shown: (row, { api }) => ({ ...row, next_run: nextOf(row, api.clock.now()) }),
}

/** When it is due next. That is found out again only once it was due: some take long to find. */
function nextOf({ enabled, cron_expression: expression, next_run: next }: RecordData, now: number) {
  if (enabled !== true || typeof next !== 'string') return null
  return Date.parse(next) > now ? next : nextRun(String(expression), now)
}

/** When agents say that they work. */
export const scheduleEndpoints: readonly Endpoint[] = [
  createsRecord(SCHEDULE, 'POST /agent-schedules', {
    about: 'Adds a schedule of an agent, as a cron expression in UTC.',
  }),
  listsRecords(SCHEDULE, 'GET /agent-schedules', {
    about: 'Schedules with when each is due next, newest first.',
    by: ['agent_id'],
  }),
  changesRecord(SCHEDULE, 'PATCH /agent-schedules/:id', {
    about: 'Changes a schedule, or turns it on or off.',
    change: (before, given, { now }) => {
      const { cron_expression: expression = before['cron_expression'] } = given
      return { ...given, next_run: firstRun(String(expression), now) }
    },
  }),
  removesRecord(SCHEDULE, 'DELETE /agent-schedules/:id', { about: 'Removes a schedule.' }),
]
