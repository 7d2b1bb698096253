import * as z from 'zod'
import { Fault } from '../../../../base/fault.ts'
import { rowId } from '../../../../domain/governance/ids.ts'
import { required } from '../../../../domain/governance/refusals.ts'
import {
  COMPOSITE_METHODS,
  DATA_SOURCES,
  SCALE_OPERATORS,
} from '../../../../domain/governance/scoring/types.ts'
import { whyNoDimension } from '../../../../domain/governance/scoring/values.ts'
import { endpoint, type ApiCaller, type Endpoint } from '../../endpoint.ts'
import { fields, json, paged, someText, text } from '../../inputs.ts'
import { recordAuthorOf } from '../../kinds/write.ts'
import { changeRow, deleteRow, readRow, requireSome, type RowKind } from '../../rows.ts'
import type { ApiServices } from '../../services.ts'

export const PROFILES = {
  path: '/scoring/profiles',
  kind: 'scoring_profile',
  what: 'Scoring profile',
} as const satisfies RowKind

const MOST_DIMENSIONS = 50

const PROFILE = () => ({
  description: text(2000).optional(),
  action_type: text(128).optional(),
  composite_method: z.enum(COMPOSITE_METHODS).optional(),
  metadata: json(8192).optional(),
})

const Step = () =>
  fields({
    label: someText(100),
    operator: z.enum(SCALE_OPERATORS),
    value: json(1024),
    score: z.number().min(0).max(100),
  })

const DIMENSION = () => ({
  name: someText(200).optional(),
  description: text(2000).optional(),
  weight: z.number().min(0).max(1_000_000).optional(),
  data_source: z.enum(DATA_SOURCES).optional(),
  data_config: z.record(z.string().max(100), json(1024)).optional(),
  scale: z.array(Step()).max(50).optional(),
  sort_order: z.int().optional(),
})

const NEW_DIMENSION = () => ({
  ...DIMENSION(),
  name: someText(200),
  data_source: z.enum(DATA_SOURCES),
})

type DimensionFields = z.output<z.ZodObject<ReturnType<typeof DIMENSION>>>

interface DimensionRow {
  id: string
  profile_id: string
  name: string
  description: string | null
  weight: number
  data_source: string
  data_config: Readonly<Record<string, unknown>> | null
  scale: DimensionFields['scale'] | null
  sort_order: number
  created_at: string
  updated_at: string
}

interface ProfileRow {
  id: string
  dimensions: readonly DimensionRow[]
}

/** A dimension with what was given; Fault `input.invalid` if it cannot be used. */
function dimensionOf(before: DimensionRow, given: DimensionFields, now: string): DimensionRow {
  const known = Object.fromEntries(
    Object.entries(given).filter(([name, value]) => value !== undefined && name in before),
  )
  const dimension = { ...before, ...known, updated_at: now }
  const problem = whyNoDimension(dimension)
  if (problem !== undefined) throw new Fault('input.invalid', problem)
  return dimension
}

function newDimension(profile: string, given: DimensionFields, now: string): DimensionRow {
  const untold = {
    id: rowId('sd'),
    profile_id: profile,
    name: '',
    description: null,
    weight: 1,
    data_source: '',
    data_config: null,
    scale: null,
    sort_order: 0,
    created_at: now,
    updated_at: now,
  }
  return dimensionOf(untold, given, now)
}

function inOrder(dimensions: readonly DimensionRow[]): DimensionRow[] {
  if (dimensions.length > MOST_DIMENSIONS)
    throw new Fault('input.invalid', `a profile has at most ${MOST_DIMENSIONS} dimensions`)
  return dimensions.toSorted((a, b) => a.sort_order - b.sort_order)
}

/** Changes the dimensions of a profile. Fault `not.found`. */
function changeDimensions(
  { records }: ApiServices,
  { id, caller }: { id: string; caller: ApiCaller },
  change: (dimensions: readonly DimensionRow[], now: string) => readonly DimensionRow[],
): Promise<void> {
  const { kind, what } = PROFILES
  return records.write(recordAuthorOf(caller, undefined), (changes) => {
    const profile = required(changes.get<ProfileRow>(kind, id), `${what} ${id}`)
    const dimensions = inOrder(change(profile.dimensions, changes.now))
    changes.change(kind, id, { dimensions, updated_at: changes.now })
  })
}

const ONE_DIMENSION = { id: text(128), dim: text(128) }

function requireDimension(dimensions: readonly DimensionRow[], id: string): DimensionRow {
  return required(
    dimensions.find((each) => each.id === id),
    `Dimension ${id}`,
  )
}

/** Profiles that actions are scored by. */
export const scoringProfileEndpoints: readonly Endpoint[] = [
  endpoint('POST /scoring/profiles', {
    about: 'Makes a profile, with its dimensions if they are given.',
    status: 201,
    input: () =>
      fields({
        ...PROFILE(),
        name: someText(200),
        dimensions: z.array(fields(NEW_DIMENSION())).max(MOST_DIMENSIONS).default([]),
      }),
    run: ({ records }, { dimensions, ...given }, caller) =>
      records.write(recordAuthorOf(caller, undefined), (changes) => {
        const id = rowId('sp')
        const row = {
          id,
          org_id: caller.tenant.org,
          name: given.name,
          description: given.description ?? null,
          action_type: given.action_type ?? null,
          composite_method: given.composite_method ?? 'weighted_average',
          metadata: given.metadata ?? null,
          status: 'active',
          dimensions: inOrder(dimensions.map((each) => newDimension(id, each, changes.now))),
          created_at: changes.now,
          updated_at: changes.now,
        }
        changes.make(PROFILES.kind, id, row)
        return row
      }),
  }),
  endpoint('GET /scoring/profiles', {
    about: 'Profiles with their dimensions; active ones unless a status is given.',
    input: () =>
      fields({
        action_type: text(128).optional(),
        status: text(32).default('active'),
        ...paged(200, 50),
      }),
    run: ({ records }, { action_type: type, ...page }, { tenant: { org } }) => ({
      profiles: records.find(org, PROFILES.kind, { where: { action_type: type }, ...page }),
    }),
  }),
  readRow(PROFILES),
  changeRow(PROFILES, {
    shape: () => ({
      ...PROFILE(),
      name: someText(200).optional(),
      status: z.enum(['active', 'archived', 'inactive', 'draft']).optional(),
    }),
  }),
  deleteRow(PROFILES),
  endpoint('POST /scoring/profiles/:id/dimensions', {
    about: 'Adds a dimension to a profile.',
    status: 201,
    input: () => fields({ id: text(128), ...NEW_DIMENSION() }),
    run: async (api, { id, ...given }, caller) => {
      let made: DimensionRow | undefined
      await changeDimensions(api, { id, caller }, (dimensions, now) => {
        made = newDimension(id, given, now)
        return [...dimensions, made]
      })
      return made ?? {}
    },
  }),
  endpoint('PATCH /scoring/profiles/:id/dimensions/:dim', {
    about: 'Changes a dimension of a profile.',
    input: () => fields({ ...ONE_DIMENSION, ...DIMENSION() }),
    run: async (api, { id, dim, ...given }, caller) => {
      requireSome(given)
      let changed: DimensionRow | undefined
      await changeDimensions(api, { id, caller }, (dimensions, now) => {
        const next = dimensionOf(requireDimension(dimensions, dim), given, now)
        changed = next
        return dimensions.map((each) => (each.id === dim ? next : each))
      })
      return changed ?? {}
    },
  }),
  endpoint('DELETE /scoring/profiles/:id/dimensions/:dim', {
    about: 'Deletes a dimension of a profile.',
    input: () => fields(ONE_DIMENSION),
    run: async (api, { id, dim }, caller) => {
      await changeDimensions(api, { id, caller }, (dimensions) => {
        requireDimension(dimensions, dim)
        return dimensions.filter((each) => each.id !== dim)
      })
      return { deleted: true }
    },
  }),
]
