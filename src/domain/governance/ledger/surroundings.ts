import type { ActionSurroundings } from '../actions/trace.ts'
import type { RecordStore } from '../records/service.ts'
import { HOUR } from '../times.ts'
import type { Assumption, LedgerRow, LoopRow } from '../types.ts'
import type { LedgerReader } from './read.ts'
import type { RecordedAction } from './types.ts'

const MOST_PARENTS = 10
const MOST_OTHERS = 200
/** So many actions before and after one are compared with it. */
const MOST_NEIGHBOURS = 200

/** What belongs to an action, and what is near it. */
export function surroundingsOf(
  { actions, records }: { actions: LedgerReader; records: RecordStore },
  org: string,
  action: RecordedAction,
): ActionSurroundings {
  const { action_id: id } = action
  const of = { where: { action_id: id }, limit: MOST_OTHERS }
  return {
    action,
    assumptions: records.find<Assumption>(org, 'assumption', of),
    loops: records.find<LoopRow>(org, 'loop', of),
    ancestors: ancestorsOf(actions, org, action),
    subActions: actions.list(org, { parent: id, limit: MOST_OTHERS }),
    neighbours: neighboursOf(actions, org, action),
  }
}

function ancestorsOf(
  actions: LedgerReader,
  org: string,
  action: RecordedAction,
): Map<string, LedgerRow> {
  const found = new Map<string, LedgerRow>()
  let next = action.parent_action_id
  while (next !== null && !found.has(next) && found.size < MOST_PARENTS) {
    const parent = actions.get(org, next)
    if (parent === undefined) break
    found.set(next, parent)
    next = parent.parent_action_id
  }
  return found
}

/** Actions of the same agent around the same time, and those of others where systems may agree. */
function neighboursOf(actions: LedgerReader, org: string, action: RecordedAction): LedgerRow[] {
  const at = Date.parse(action.timestamp_start)
  const others = action.systems_touched.length === 0 ? [] : [undefined]
  const found = [action.agent_id, ...others].flatMap((agent) => {
    const near = { agent, limit: MOST_NEIGHBOURS }
    return [
      ...actions.list(org, { ...near, from: at - HOUR, before: at }),
      ...actions.list(org, { ...near, from: at, before: at + HOUR + 1, oldest: true }),
    ]
  })
  return [...new Map(found.map((each) => [each.action_id, each])).values()]
}
