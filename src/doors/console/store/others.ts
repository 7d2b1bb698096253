import { isApiAgent } from '../../../domain/governance/agents/rules.ts'
import type { DeckEvent } from '../../../journal/types.ts'
import { tableOf, type WorldHalf } from './world.ts'

/** What an agent of the API does, besides its row. */
interface OtherActs {
  /** How many of its approvals wait. */
  asking: number
  /** When something of it happened last, among the latest events; 0 for nothing. */
  heard: number
}

const waiting = new WeakMap<object, ReadonlyMap<string, number>>()
const heard = new WeakMap<object, ReadonlyMap<string, number>>()

/** What an agent of the API does, found once for all of them as long as nothing changes. */
export function actsOf(world: WorldHalf, name: string): OtherActs {
  return {
    asking: known(waiting, world.waiting, () => waitingByAgent(world)).get(name) ?? 0,
    heard: known(heard, world.events, () => heardByAgent(world.events)).get(name) ?? 0,
  }
}

function known(
  cache: WeakMap<object, ReadonlyMap<string, number>>,
  of: object,
  find: () => ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const found = cache.get(of) ?? find()
  cache.set(of, found)
  return found
}

function waitingByAgent(world: WorldHalf): Map<string, number> {
  const found = new Map<string, number>()
  for (const id of world.waiting) {
    const agent = tableOf(world, 'approval').get(id)?.agent
    if (agent !== undefined) found.set(agent, (found.get(agent) ?? 0) + 1)
  }
  return found
}

function heardByAgent(events: readonly DeckEvent[]): Map<string, number> {
  const found = new Map<string, number>()
  for (const { subject, at } of events) if (isApiAgent(subject)) found.set(subject, at)
  return found
}
