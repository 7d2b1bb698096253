import { jsonObject, type Json, type JsonObject } from '../files/json.ts'
import { Float } from '../text.ts'
import { HISTORY_TECHNOLOGIES, type GitHistory, type Technology } from './history.ts'

/** Preferences that a history points to. They are weak hints and decide nothing. */
export interface Preferences {
  technology: TechnologyPreference
  workflow: Workflow
  metadata: Metadata
}

interface TechnologyPreference {
  /** The three most frequent technologies; only `unknown` where no file points to any. */
  primary: string
  secondary?: string
  tertiary?: string
  /** The five most frequent: how often, and percent to one decimal. */
  stats: Partial<Record<Technology, { count: number; percentage: number }>>
  total_samples?: number
}

type AutomationLevel = 'quality_focused' | 'balanced' | 'speed_focused'
interface Workflow {
  test_driven: boolean
  test_ratio: number
  automation_level: AutomationLevel
  signal_strength: 'weak_hint'
}

interface Metadata {
  last_updated: string
  confidence: number
  data_source: 'git_history'
  strength: 'weak_hint'
}

export function weakPreferences(
  history: Partial<GitHistory>,
  lastUpdated = 'unknown',
): Preferences {
  const { technologies, testFirst = false, testRatio = 0, confidence = 0.5 } = history
  return {
    technology: technologyPreference(technologies),
    workflow: {
      test_driven: testFirst,
      test_ratio: testRatio,
      automation_level: automationLevel(testRatio),
      signal_strength: 'weak_hint',
    },
    metadata: {
      last_updated: lastUpdated,
      confidence,
      data_source: 'git_history',
      strength: 'weak_hint',
    },
  }
}

function automationLevel(testRatio: number): AutomationLevel {
  if (testRatio > 0.5) return 'quality_focused'
  return testRatio < 0.2 ? 'speed_focused' : 'balanced'
}

function technologyPreference(
  technologies: Record<Technology, number> | undefined,
): TechnologyPreference {
  const counts = HISTORY_TECHNOLOGIES.map((name) => ({
    name,
    count: technologies?.[name] ?? 0,
  })).sort((a, b) => b.count - a.count)
  const total = counts.reduce((sum, { count }) => sum + count, 0)
  if (total === 0) return { primary: 'unknown', stats: {} }
  const [primary = '', secondary = '', tertiary = ''] = counts.map(({ name }) => name)
  const stats = counts
    .slice(0, 5)
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => [name, { count, percentage: oneDecimal((count / total) * 100) }])
  return {
    primary,
    secondary,
    tertiary,
    stats: Object.fromEntries(stats) as TechnologyPreference['stats'],
    total_samples: total,
  }
}

/** To one decimal; an exact tie goes to the even digit: 6.25 is 6.2. */
function oneDecimal(value: number): number {
  if (!Number.isInteger(value * 4) || Number.isInteger(value * 2)) return Number(value.toFixed(1))
  const below = Math.floor(value * 10)
  return (below % 2 === 0 ? below : below + 1) / 10
}

/** Preferences as they are stored in `config.json`. */
export function preferencesJson({ technology, workflow, metadata }: Preferences): JsonObject {
  const stats = Object.entries(technology.stats).map(
    ([name, { count, percentage }]): [string, Json] => [
      name,
      jsonObject({ count, percentage: new Float(percentage) }),
    ],
  )
  return jsonObject({
    tech_stack: jsonObject({ ...technology, stats: new Map(stats) }),
    workflow: jsonObject({
      ...workflow,
      test_ratio: workflow.test_ratio === 0 ? 0 : new Float(workflow.test_ratio),
    }),
    metadata: jsonObject({ ...metadata, confidence: new Float(metadata.confidence) }),
  })
}
