import * as z from 'zod'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { AgentId, fields, Score, someText, text, YesNo } from '../inputs.ts'
import { listAnswer, listShape, writtenAnswer } from '../kinds/endpoints.ts'
import { newIds, type RecordKind, type Told } from '../kinds/kind.ts'
import { writeRecord } from '../kinds/write.ts'

const common = () => ({ agent_id: AgentId.optional(), category: text(200).optional() })
const Notes = () => text(2000).optional()

/** What agents learn of the person that they work for, by the type that clients name. */
const KINDS: Readonly<Record<'observation' | 'preference' | 'mood' | 'approach', RecordKind>> = {
  observation: {
    kind: 'observation',
    one: 'observation',
    many: 'observations',
    id: newIds.hex('uo'),
    scanned: true,
    shape: () => ({
      ...common(),
      observation: someText(2000),
      importance: z.int().min(1).max(10).optional(),
      context: Notes(),
      notes: Notes(),
    }),
    defaults: { importance: 5 },
  },
  preference: {
    kind: 'preference',
    one: 'preference',
    many: 'preferences',
    id: newIds.named('up', 'agent_id', 'preference'),
    scanned: true,
    shape: () => ({
      ...common(),
      preference: someText(2000),
      confidence: Score.optional(),
      context: Notes(),
      notes: Notes(),
    }),
    defaults: { confidence: 50 },
    again: (_, told) => told,
  },
  mood: {
    kind: 'mood',
    one: 'mood',
    many: 'moods',
    id: newIds.hex('um'),
    scanned: true,
    shape: () => ({
      ...common(),
      mood: someText(200),
      energy: z.union([text(100), z.number()]).optional(),
      notes: Notes(),
    }),
  },
  approach: {
    kind: 'approach',
    one: 'approach',
    many: 'approaches',
    id: newIds.named('ua', 'agent_id', 'approach'),
    scanned: true,
    shape: () => ({
      ...common(),
      approach: someText(2000),
      context: Notes(),
      notes: Notes(),
      success: YesNo.optional(),
    }),
    made: ({ success }) => countsOf(success, {}),
    again: (before, told) => ({ ...told, ...countsOf(told['success'], before) }),
  },
}

/** How often an approach worked, with what was told of it now. */
function countsOf(success: unknown, before: Told): object {
  return {
    success_count: Number(before['success_count'] ?? 0) + (success === true ? 1 : 0),
    fail_count: Number(before['fail_count'] ?? 0) + (success === false ? 1 : 0),
  }
}

const LISTINGS: Readonly<Record<string, RecordKind>> = {
  observations: KINDS.observation,
  preferences: KINDS.preference,
  moods: KINDS.mood,
  approaches: KINDS.approach,
}

/** Which fields there are depends on the type. */
function toldOf(
  { type, ...rest }: { type: keyof typeof KINDS },
  context: z.RefinementCtx,
): { kind: RecordKind; told: Told } {
  const kind = KINDS[type]
  const read = fields(kind.shape()).safeParse(rest)
  for (const issue of read.error?.issues ?? [])
    context.issues.push({ ...issue, input: rest } as never)
  return { kind, told: (read.data ?? {}) as Told }
}

const TYPES = Object.keys(KINDS) as (keyof typeof KINDS)[]
const LISTS = ['summary', ...Object.keys(LISTINGS)]
const LISTING = { about: 'What is known of the person, by type.', by: ['agent_id', 'category'] }

/** What agents learn of the people that they work for. */
export const preferenceEndpoints: readonly Endpoint[] = [
  endpoint('POST /preferences', {
    about: 'Notes an observation, a preference, a mood, or an approach and whether it worked.',
    status: 201,
    input: () => z.looseObject({ type: z.enum(TYPES) }).transform(toldOf),
    run: async (api, { kind, told }, caller) => {
      return writtenAnswer(kind, await writeRecord(api, kind, { told, caller }), { api, caller })
    },
  }),
  endpoint('GET /preferences', {
    about: LISTING.about,
    input: () => fields({ ...listShape(LISTING), type: z.enum(LISTS).default('summary') }),
    run: (api, input, caller) => {
      const { type, ...asked } = input as Told
      const listed = LISTINGS[String(type)]
      if (listed !== undefined) return listAnswer(listed, LISTING, { api, asked, caller })
      const { org } = caller.tenant
      const agent = asked['agent_id'] as string | undefined
      const top = ({ kind }: RecordKind, limit: number) =>
        api.records.find(org, kind, { agent, limit })
      return {
        summary: {
          observations_count: api.records.count(org, KINDS.observation.kind, { agent }),
          preferences: top(KINDS.preference, 20),
          recent_moods: top(KINDS.mood, 5),
          top_approaches: top(KINDS.approach, 10),
        },
      }
    },
  }),
]
