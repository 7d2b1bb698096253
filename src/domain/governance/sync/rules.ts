/** What may be synchronised, and how many entries of each at once. */
export const SYNC_CAPS = {
  actions: 1000,
  connections: 1000,
  memory: 1000,
  goals: 2000,
  learning: 2000,
  content: 2000,
  inspiration: 2000,
  context_points: 5000,
  context_threads: 1000,
  handoffs: 1000,
  preferences: 1000,
  snippets: 1000,
  relationships: 1000,
  capabilities: 1000,
} as const
export type SyncCategory = keyof typeof SYNC_CAPS

/** Names that clients use as well. */
const ALIASES: Readonly<Record<string, SyncCategory>> = { decisions: 'learning' }

/** Categories that are objects of lists. */
const PARTS: Readonly<Partial<Record<SyncCategory, readonly string[]>>> = {
  memory: ['entities', 'topics'],
  preferences: ['observations', 'preferences', 'moods', 'approaches'],
}

/** What a body brings of each category, or what is wrong with it, one line each. */
export function syncPlan(
  body: Readonly<Record<string, unknown>>,
): { categories: Map<SyncCategory, unknown> } | { problems: string[] } {
  const categories = new Map<SyncCategory, unknown>()
  const problems: string[] = []
  for (const [key, value] of Object.entries(body)) {
    const category = categoryOf(key)
    if (category === undefined || value === null || value === undefined) continue
    const problem = problemOf(category, key, value)
    if (problem !== undefined) problems.push(problem)
    else categories.set(category, together(categories.get(category), value))
  }
  const tooMany = [...categories].flatMap(([category, value]) => overCap(category, value))
  const all = [...problems, ...tooMany]
  return all.length > 0 ? { problems: all } : { categories }
}

function categoryOf(key: string): SyncCategory | undefined {
  if (Object.hasOwn(SYNC_CAPS, key)) return key as SyncCategory
  return Object.hasOwn(ALIASES, key) ? ALIASES[key] : undefined
}

function problemOf(category: SyncCategory, key: string, value: unknown): string | undefined {
  const parts = PARTS[category]
  if (parts === undefined) return Array.isArray(value) ? undefined : `${key} must be a list`
  if (typeof value !== 'object' || Array.isArray(value)) return `${key} must be an object`
  const wrong = parts.find((part) => {
    const list = (value as Record<string, unknown>)[part]
    return list !== undefined && list !== null && !Array.isArray(list)
  })
  return wrong === undefined ? undefined : `${key}.${wrong} must be a list`
}

/** Two lists of one category, given under its name and an alias. */
function together(before: unknown, value: unknown): unknown {
  return Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value
}

function overCap(category: SyncCategory, value: unknown): string[] {
  const cap = SYNC_CAPS[category]
  const lists = Array.isArray(value)
    ? [[category, value] as const]
    : Object.entries(value as Record<string, unknown>).map(
        ([part, list]) => [`${category}.${part}`, list] as const,
      )
  return lists.flatMap(([name, list]) =>
    Array.isArray(list) && list.length > cap ? [`${name}: at most ${cap} entries`] : [],
  )
}

/** What became of a category. */
export interface SyncResult {
  synced: number
  errors?: readonly string[]
}

export function syncTotals(results: Readonly<Record<string, SyncResult>>): {
  total_synced: number
  total_errors: number
} {
  const all = Object.values(results)
  return {
    total_synced: all.reduce((sum, { synced }) => sum + synced, 0),
    total_errors: all.reduce((sum, { errors }) => sum + (errors?.length ?? 0), 0),
  }
}
