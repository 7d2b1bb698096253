import { filesOf, taskSummary, textOf } from '../task.ts'
import { normalizeText } from '../text.ts'
import type { Task } from '../types.ts'

/** The kinds of work. */
export const DOMAINS: ReadonlySet<string> = new Set(['code', 'ops', 'docs', 'review', 'analysis'])

/**
 * Substrings that point to a domain; the first row with a hit counts. As in the original, "laptops"
 * contains `ops`.
 */
const DOMAIN_SIGNS: readonly (readonly [domain: string, signs: readonly string[]])[] = [
  ['docs', ['docs/', 'mkdocs', 'readme', '.md', 'documentation']],
  ['ops', ['deploy', 'docker', 'kubernetes', 'kubectl', 'terraform', 'ops']],
  ['review', ['review', 'approve', 'comment', 'diff', 'audit']],
  ['analysis', ['analyze', 'analysis', 'benchmark', 'profile', 'measure']],
]

/** The domain a task names, or the one its words point to; `code` where none do. */
export function domainOf(task: Task): string {
  const named = normalizeText(textOf(task, 'domain'))
  if (DOMAINS.has(named)) return named
  const words = [
    textOf(task, 'command'),
    taskSummary(task),
    textOf(task, 'task_description'),
    ...filesOf(task),
  ]
    .map(normalizeText)
    .join(' ')
  return DOMAIN_SIGNS.find(([, signs]) => signs.some((sign) => words.includes(sign)))?.[0] ?? 'code'
}
