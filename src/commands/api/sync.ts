import * as z from 'zod'
import { asFault, Fault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import { slugOf } from '../../domain/governance/studio/rules.ts'
import {
  syncPlan,
  syncTotals,
  type SyncCategory,
  type SyncResult,
} from '../../domain/governance/sync/rules.ts'
import type { Deck } from '../deck.ts'
import { inputProblems, parseInput } from '../input.ts'
import { endpoint, Reply, type ApiCaller, type Endpoint } from './endpoint.ts'
import { AgentId } from './inputs.ts'
import type { Told } from './kinds/kind.ts'
import { claimant } from './kinds/write.ts'
import { CAPABILITY } from './resources/studio.ts'
import type { ApiServices } from './services.ts'

/** One entry as it is told to an endpoint. */
interface SyncedEntry {
  call: string
  input: Told
}

interface SyncContext {
  api: ApiServices
  caller: ApiCaller
}

/** How the entries of a category are told: by the endpoint that takes one of them. */
type SyncWay = (value: unknown, context: SyncContext) => SyncedEntry[]

/** A list whose entries go to an endpoint, each told as it is or in other words. */
function each(call: string, told: (entry: Told) => Told = (entry) => entry): SyncWay {
  return (value) => (value as unknown[]).map((entry) => ({ call, input: told(asObject(entry)) }))
}

/** What is no object has none of the fields that it needs, and is refused by its endpoint. */
function asObject(entry: unknown): Told {
  return typeof entry === 'object' && entry !== null ? (entry as Told) : {}
}

const PREFERENCE_LISTS = {
  observations: 'observation',
  preferences: 'preference',
  moods: 'mood',
  approaches: 'approach',
} as const

const WAYS: Readonly<Record<SyncCategory, SyncWay>> = {
  actions: each('POST /actions'),
  connections: each('POST /agents/connections', (entry) => ({ connections: [entry] })),
  memory: (value) => [{ call: 'POST /memory', input: { health: {}, ...asObject(value) } }],
  goals: each('POST /goals'),
  learning: each('POST /learning'),
  content: each('POST /content'),
  inspiration: each('POST /inspiration'),
  context_points: each('POST /context/points'),
  context_threads: each('POST /context/threads'),
  handoffs: each('POST /handoffs'),
  preferences: (value) =>
    Object.entries(PREFERENCE_LISTS).flatMap(([list, type]) =>
      ((asObject(value)[list] ?? []) as unknown[]).map((entry) => ({
        call: 'POST /preferences',
        input: { ...asObject(entry), type },
      })),
    ),
  snippets: each('POST /snippets'),
  relationships: each('POST /relationships', (entry) => ({
    contact_name: entry['name'],
    type: entry['relationship_type'],
    ...entry,
    summary: entry['summary'] ?? entry['description'] ?? entry['name'],
  })),
  capabilities: (value, { api, caller: { tenant } }) =>
    (value as unknown[]).map((entry) => {
      const { capability_type: category, source_path, file_count, ...told } = asObject(entry)
      const slug = slugOf(String(told['slug'] ?? told['name'] ?? ''))
      const id = claimant(api, tenant.org, { kind: CAPABILITY, value: slug })
      const metadata = { source_path, file_count, ...asObject(told['metadata']) }
      const input = { category, ...told, metadata }
      return id === undefined
        ? { call: 'POST /capabilities', input }
        : { call: 'PATCH /capabilities/:id', input: { ...input, id } }
    }),
}

/** Entries that are told at the same time, to be committed together. */
const AT_ONCE = 50
const MOST_CHARACTERS = 200

/** Tells everything at once. Each entry goes to the endpoint of its kind, and is checked there. */
export function syncEndpoint(endpoints: readonly Endpoint[]): Endpoint {
  const byCall = new Map(endpoints.map((one) => [one.act.id, one]))
  return endpoint('POST /sync', {
    about: 'Tells records of all categories at once; each entry fails by itself.',
    input: () => z.looseObject({ agent_id: AgentId.nullish() }),
    run: async (api, { agent_id: agent, ...body }, caller) => {
      const since = api.clock.now()
      const plan = syncPlan(body)
      if ('problems' in plan) throw new Fault('input.invalid', plan.problems.join('; '))
      const results: Record<string, SyncResult> = {}
      for (const [category, value] of plan.categories) {
        const entries = WAYS[category](value, { api, caller })
        const told = (entry: SyncedEntry) => tell(byCall, withAgent(entry, agent), { api, caller })
        results[category] = await inSlices(entries, told)
      }
      return { results, ...syncTotals(results), duration_ms: api.clock.now() - since }
    },
  })
}

/** Whoever syncs speaks for one agent. */
function withAgent({ call, input }: SyncedEntry, agent: string | null | undefined): SyncedEntry {
  return typeof agent === 'string'
    ? { call, input: { ...input, agent_id: agent } }
    : { call, input }
}

async function inSlices(
  entries: readonly SyncedEntry[],
  told: (entry: SyncedEntry) => Promise<void>,
): Promise<SyncResult> {
  let synced = 0
  const errors: string[] = []
  for (let from = 0; from < entries.length; from += AT_ONCE) {
    const slice = entries.slice(from, from + AT_ONCE)
    const done = await Promise.allSettled(slice.map(told))
    for (const [i, one] of done.entries())
      if (one.status === 'fulfilled') synced++
      else errors.push(`${from + i}: ${problemOf(one.reason, slice[i])}`)
  }
  return errors.length === 0 ? { synced } : { synced, errors }
}

async function tell(
  byCall: ReadonlyMap<string, Endpoint>,
  { call, input }: SyncedEntry,
  { api, caller }: SyncContext,
): Promise<void> {
  const found = byCall.get(call)
  if (found === undefined) throw new Fault('not.possible', `${call} is not served here`)
  const { act } = found
  const answer = await act.run(api as unknown as Deck, parseInput(act, input), caller)
  const { errors = [] } = answer as { errors?: readonly { error: string }[] }
  if (errors[0] !== undefined) throw new Fault('input.invalid', errors[0].error)
  // An action that the guard blocks is recorded too.
  if (answer instanceof Reply && answer.status >= 400 && !('action' in Object(answer.body)))
    throw new Fault('not.possible', String(Object(answer.body).error))
}

function problemOf(thrown: unknown, entry: SyncedEntry | undefined): string {
  const { code, cause, message } = asFault(thrown)
  if (code === 'bug') return 'it cannot be recorded'
  const isInput = cause instanceof Error && 'issues' in cause
  const text = isInput ? inputProblems(cause as z.ZodError, entry?.input, 3).join('; ') : message
  return plain(text, MOST_CHARACTERS)
}
