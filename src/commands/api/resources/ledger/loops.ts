import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { Fault } from '../../../../base/fault.ts'
import { whyNotCloseLoop } from '../../../../domain/governance/loops/rules.ts'
import { rankOf } from '../../../../domain/governance/records/ranks.ts'
import type { Sums } from '../../../../domain/governance/records/sums.ts'
import { required, requireNo } from '../../../../domain/governance/refusals.ts'
import { redactDeep } from '../../../../domain/governance/scanning/secrets.ts'
import { LOOP_PRIORITIES, type LoopRow } from '../../../../domain/governance/types.ts'
import { recordAuthorOf } from '../../kinds/write.ts'
import { AgentId, fields, json, paged, someText, text } from '../../inputs.ts'
import { endpoint, type Endpoint } from '../../endpoint.ts'

const LOOP_TYPES = [
  'followup',
  'question',
  'dependency',
  'approval',
  'review',
  'handoff',
  'other',
] as const
const LOOP_STATUSES = ['open', 'resolved', 'cancelled'] as const

const Opened = () =>
  fields({
    action_id: someText(128),
    loop_type: z.enum(LOOP_TYPES),
    description: someText(2000),
    priority: z.enum(LOOP_PRIORITIES).default('medium'),
    owner: text(256).optional(),
    status: z.enum(LOOP_STATUSES).default('open'),
    resolution: text(2000).optional(),
    loop_id: someText(128).optional(),
    metadata: json(10_240).optional(),
  })

const Listed = () =>
  fields({
    status: text(32).optional(),
    loop_type: text(32).optional(),
    priority: text(32).optional(),
    agent_id: AgentId.optional(),
    action_id: text(128).optional(),
    ...paged(200, 50),
  })

const OneLoop = { id: text(128) }

function statsOf(totals: Sums) {
  const of = (name: string) => totals[name] ?? 0
  return {
    open_count: of('open'),
    resolved_count: of('resolved'),
    critical_open: of('open/critical'),
    high_open: of('open/high'),
  }
}

/** What actions left open. */
export const loopEndpoints: readonly Endpoint[] = [
  endpoint('POST /actions/loops', {
    about: 'Notes something that an action leaves open.',
    status: 201,
    input: Opened,
    run: async ({ records, actions }, given, caller) => {
      const { org } = caller.tenant
      const { value, security } = redactDeep(given)
      const { loop_id: id = `loop_${randomUUID()}`, metadata = null, owner = null, ...rest } = value
      const action = required(actions.get(org, given.action_id), `Action ${given.action_id}`)
      const loop = await records.write(recordAuthorOf(caller, action.agent_id), (changes) => {
        if (changes.get('loop', id) !== undefined)
          throw new Fault('name.taken', `the loop ${id} was recorded before`)
        const row = {
          id,
          loop_id: id,
          org_id: org,
          ...rest,
          action_id: action.action_id,
          owner,
          metadata,
          resolution: rest.resolution ?? null,
          resolved_at: rest.status === 'open' ? null : changes.now,
          agent_id: action.agent_id,
          agent_name: action.agent_name,
          declared_goal: action.declared_goal,
          action_type: action.action_type,
          created_at: changes.now,
          updated_at: changes.now,
        }
        changes.make('loop', id, row)
        return row
      })
      return { loop, loop_id: id, security }
    },
  }),
  endpoint('GET /actions/loops', {
    about: 'What actions left open: critical before low, then the newest first.',
    input: Listed,
    run: ({ records, clock }, asked, { tenant: { org } }) => {
      const { agent_id: agent, action_id, status, loop_type, priority } = asked
      const { limit, offset } = asked
      const { rows: loops, total } = records.page<LoopRow>(org, 'loop', {
        agent,
        status,
        // Their rank is their priority, and an index knows it.
        rank: priority === undefined ? undefined : rankOf('loop', { priority }),
        where: { action_id, loop_type },
        limit,
        offset,
      })
      return {
        loops,
        total,
        stats: statsOf(records.sums(org, 'loop', agent === undefined ? [] : ['agent', agent])),
        lastUpdated: new Date(clock.now()).toISOString(),
      }
    },
  }),
  endpoint('GET /actions/loops/:id', {
    about: 'One loop.',
    input: () => fields(OneLoop),
    run: ({ records }, { id }, { tenant: { org } }) => ({
      loop: required(records.get(org, 'loop', id), `Loop ${id}`),
    }),
  }),
  endpoint('PATCH /actions/loops/:id', {
    about: 'Resolves or cancels a loop. One that is not open stays as it is.',
    input: () =>
      fields({
        ...OneLoop,
        status: z.enum(['resolved', 'cancelled']),
        resolution: text(2000).optional(),
      }),
    run: async ({ records }, { id, ...given }, caller) => {
      const { value, security } = redactDeep(given)
      const { status } = given
      const resolution = value.resolution ?? null
      const found = required(records.get<LoopRow>(caller.tenant.org, 'loop', id), `Loop ${id}`)
      const loop = await records.write(recordAuthorOf(caller, found.agent_id), (changes) => {
        const before = required(changes.get<LoopRow>('loop', id), `Loop ${id}`)
        requireNo(whyNotCloseLoop(before, { status, resolution }))
        changes.change('loop', id, {
          status,
          resolution,
          resolved_at: changes.now,
          updated_at: changes.now,
        })
        return changes.get('loop', id)
      })
      return { loop, security }
    },
  }),
]
