import type { Endpoint } from '../../src/commands/api/endpoint.ts'
import {
  callRow,
  callName,
  fieldsOf,
  MARK,
  namesIn,
  RowTrial,
  sampleOf,
  type ApiProbe,
} from './api-rows.ts'

/** Ids that an organisation has got, by the row that answered them and their name. */
interface FoundId {
  row: Endpoint
  name: string
  id: string
}

/** What anybody may call itself, so that it is no secret of an organisation. */
const NO_SECRETS = new Set(['agent_id', 'org_id', 'session_id', 'swarm_id'])

/** Fills an organisation by every row that makes something, and answers the ids of all that. */
export async function filled(probe: ApiProbe, rows: readonly Endpoint[]): Promise<FoundId[]> {
  const found: FoundId[] = []
  const makers = rows.filter(({ method }) => method === 'POST')
  for (const row of makers.toSorted((a, b) => namesIn(a).length - namesIn(b).length)) {
    const input = { ...sampleOf(row, 'all'), ...idsFor(row, found) }
    const names = Object.fromEntries(
      namesIn(row).map((name) => [name, idsLike(row, found)[0]?.id ?? 'none_1']),
    )
    const { body } = await callRow(probe, row, { input, names })
    collect(body, (name, id) => found.push({ row, name, id }))
  }
  return found
}

function collect(value: unknown, add: (name: string, id: string) => void): void {
  if (typeof value !== 'object' || value === null) return
  for (const [name, each] of Object.entries(value)) {
    const isId = (name === 'id' || name.endsWith('_id')) && !NO_SECRETS.has(name)
    if (isId && (typeof each === 'string' || typeof each === 'number') && each !== MARK)
      add(name, String(each))
    else collect(each, add)
  }
}

/** Ids of the same resource: those that rows with the same beginning answered. */
function idsLike(row: Endpoint, found: readonly FoundId[]): readonly FoundId[] {
  const beginning = ({ path }: Endpoint) => path.split('/:')[0] ?? ''
  const same = found.filter(({ row: other }) => beginning(other) === beginning(row))
  return same.length > 0 ? same : found
}

/** The latest ids under the names that a row's input has. */
function idsFor(row: Endpoint, found: readonly FoundId[]): Record<string, string> {
  const names = new Set(fieldsOf(row).all)
  const own = `${callName(row).split('/').at(-1)?.replace(/s$/, '')}_id`
  return Object.fromEntries(
    found.filter(({ name }) => names.has(name) && name !== own).map(({ name, id }) => [name, id]),
  )
}

/** At most so many ids are tried at each row. */
const MOST_IDS = 12

/** What somebody of another organisation gets to see or to change by a row. */
export async function leaksOfRow(
  probe: ApiProbe,
  row: Endpoint,
  found: readonly FoundId[],
): Promise<string[]> {
  const trial = new RowTrial(probe, row)
  const own = JSON.parse(
    JSON.stringify(sampleOf(row, row.method === 'PATCH' ? 'all' : 'required')).replaceAll(
      MARK,
      'x',
    ),
  ) as Record<string, unknown>
  const see = async (what: string, call: Parameters<RowTrial['call']>[1], wanted?: number[]) => {
    const { text } = await trial.call(what, { key: probe.other, ...call }, wanted)
    if (text.includes(MARK)) trial.flaws.push(`${what}: shows what another organisation has`)
  }
  const names = namesIn(row)
  if (names.length === 0) {
    await see('asked', { input: own })
    await see('asked with their ids', { input: { ...own, ...idsFor(row, found) } })
  }
  const ids = [...new Set(idsLike(row, found).map(({ id }) => id))].slice(-MOST_IDS)
  if (names.length > 0)
    for (const id of [...ids, 'org_default', 'scout'])
      await see(
        `with their id ${id}`,
        { input: own, names: Object.fromEntries(names.map((name) => [name, id])) },
        [400, 403, 404],
      )
  return trial.flaws
}
