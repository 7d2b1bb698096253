import * as z from 'zod'
import { asFault } from '../../../../base/fault.ts'
import { AgentId, fields, json, someText, text } from '../../inputs.ts'
import { authorOf, endpoint, type Endpoint } from '../../endpoint.ts'
import { listsRecords } from '../../kinds/endpoints.ts'
import { newIds, type RecordKind, type Told } from '../../kinds/kind.ts'
import { recordAuthorOf, writeRecord } from '../../kinds/write.ts'

const MAX_METADATA = 10_240

const connectionShape = () => ({
  agent_id: AgentId,
  provider: someText(128),
  auth_type: z
    .enum(['api_key', 'subscription', 'oauth', 'pre_configured', 'environment'])
    .default('api_key'),
  plan_name: text(256).optional(),
  status: z.enum(['active', 'inactive', 'error']).default('active'),
  metadata: json(MAX_METADATA).optional(),
})

/** A service that an agent uses, by provider. */
const CONNECTION: RecordKind = {
  kind: 'connection',
  one: 'connection',
  many: 'connections',
  id: newIds.named('conn', 'agent_id', 'provider'),
  shape: connectionShape,
  again: (_before, told) => ({ plan_name: null, metadata: null, ...told }),
}

interface ItemError {
  provider: string
  error: string
}

/** What is wrong with an item, in a line. */
function problem(item: unknown, { issues }: z.ZodError): ItemError {
  const { provider } = (item ?? {}) as Record<string, unknown>
  const lines = issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  return { provider: typeof provider === 'string' ? provider : '', error: lines.join('; ') }
}

export const presenceEndpoints: readonly Endpoint[] = [
  endpoint('POST /agents/heartbeat', {
    about: 'Says that an agent is there, and what it works on.',
    input: () =>
      fields({
        agent_id: AgentId,
        agent_name: text(256).optional(),
        status: someText(50).default('online'),
        current_task_id: text(128).optional(),
        metadata: z.record(z.string(), z.unknown()).and(json(MAX_METADATA)).optional(),
      }),
    run: async ({ presences }, given, caller) => {
      const { agent_id: agentId } = given
      recordAuthorOf(caller, agentId)
      const at = await presences.beat(authorOf(caller), {
        agentId,
        label: given.agent_name ?? null,
        status: given.status,
        task: given.current_task_id ?? null,
        metadata: given.metadata ?? null,
      })
      return { status: 'ok', timestamp: new Date(at).toISOString() }
    },
  }),
  endpoint('POST /agents/connections', {
    about: 'Tells which services an agent uses. A wrong item does not fail the others.',
    input: () => fields({ agent_id: AgentId, connections: z.array(z.unknown()).min(1).max(50) }),
    run: async (api, { agent_id: agentId, connections: items }, caller) => {
      recordAuthorOf(caller, agentId)
      const errors: ItemError[] = []
      const read = fields(connectionShape())
      const written = await Promise.all(
        items.map(async (item) => {
          const whole = typeof item === 'object' ? { ...item, agent_id: agentId } : item
          const told = read.safeParse(whole)
          if (!told.success) return void errors.push(problem(item, told.error))
          try {
            return (await writeRecord(api, CONNECTION, { told: told.data as Told, caller })).row
          } catch (thrown) {
            errors.push({ provider: told.data.provider, error: asFault(thrown).message })
          }
        }),
      )
      const connections = written.filter((row) => row !== undefined)
      return {
        connections,
        ...(errors.length === 0 ? {} : { errors }),
        created: connections.length,
      }
    },
  }),
  listsRecords(CONNECTION, 'GET /agents/connections', {
    about: 'The services that agents use, the newest first.',
    by: ['agent_id', 'provider', 'status'],
  }),
]
