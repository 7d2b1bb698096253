import { Fault } from '../../../base/fault.ts'
import { readPolicySettings } from './settings.ts'
import type { PolicySettings } from './types.ts'

const MOST_AGENTS = 200
const MAX_AGENT = 128

/** What is told of a policy that is written. */
export interface ToldPolicy {
  name: string
  policy_type: string
  /** JSON text of an object. */
  rules: string
  active: boolean
  /** JSON text of a list of agents; null: every agent. */
  agent_ids: string | null
}

/** The settings of a policy that may be stored. Fault `input.invalid` with all that is wrong. */
export function storableSettings({
  policy_type: type,
  rules,
  agent_ids: agents,
}: Omit<ToldPolicy, 'name' | 'active'>): PolicySettings {
  const read = readPolicySettings(type, rules)
  const problems = ['problems' in read ? read.problems : [], agentProblems(agents)].flat()
  if ('problems' in read || problems.length > 0)
    throw new Fault('input.invalid', problems.join('; '))
  return read.settings
}

/** A list that cannot be read would be in force for every agent, which nobody meant. */
function agentProblems(text: string | null): string[] {
  if (text === null) return []
  const list = parsedList(text)
  if (list === undefined) return ['agent_ids must be JSON text of a list']
  const fits = (agent: unknown) =>
    typeof agent === 'string' && agent !== '' && agent.length <= MAX_AGENT
  return list.length <= MOST_AGENTS && list.every(fits)
    ? []
    : [`agent_ids must list at most ${MOST_AGENTS} agents, each of 1 to ${MAX_AGENT} characters`]
}

function parsedList(text: string): unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list : undefined
  } catch {
    return undefined
  }
}
