import { CORRECTED, type Corrections } from '../corrections.ts'
import { trimmed } from '../markdown/scan.ts'

/**
 * The arguments of `git` whose output `GitLogParser` reads: the last `commits` commits with the
 * names of their files.
 */
export function gitLogArguments(commits: number): string[] {
  return ['log', `-${commits}`, '--pretty=format:%H|%s|%an', '--name-only']
}

/** How long `git log` may take, in milliseconds. */
export const GIT_LOG_LIMIT = 30_000

export interface GitCommit {
  hash: string
  subject: string
  author: string
  files: string[]
}

const endsWith =
  (...endings: string[]) =>
  (path: string) =>
    endings.some((ending) => path.endsWith(ending))
const contains = (word: string) => (path: string) => path.toLowerCase().includes(word)

/** Which technology a file's path points to, in the order in which ties are listed. */
const SIGNS = {
  python: endsWith('.py'),
  javascript: endsWith('.js'),
  typescript: endsWith('.ts', '.tsx'),
  react: (path: string) => contains('react')(path) || endsWith('.jsx')(path),
  vue: contains('vue'),
  fastapi: contains('fastapi'),
  node: contains('package.json'),
} satisfies Record<string, (path: string) => boolean>

export type Technology = keyof typeof SIGNS
export const HISTORY_TECHNOLOGIES = Object.keys(SIGNS) as Technology[]

/** A repository's history in counts. */
export interface GitHistory {
  commits: number
  /** How many changed files point to each technology. */
  technologies: Record<Technology, number>
  testFirst: boolean
  /** The share of commits that touched tests; undefined unless it is above 0.3. */
  testRatio: number | undefined
  /** 0 to 1, by the number of such files. */
  confidence: number
}

const TEST_FIRST = 0.3

/** Reads the output of `git log`, as `gitLogArguments` asks for it. */
export class GitLogParser {
  readonly #opensCommit: (line: string) => boolean

  constructor(corrections: Corrections = CORRECTED) {
    this.#opensCommit = corrections['commits-have-hashes']
      ? (line) => /^[0-9a-f]{7,64}\|/.test(line)
      : (line) => line.includes('|')
  }

  /** The commits with the names of their files: a line `hash|subject|author` opens one. */
  parse(text: string): GitCommit[] {
    const commits: GitCommit[] = []
    for (const raw of text.split('\n')) {
      const line = trimmed(raw)
      if (this.#opensCommit(line)) commits.push(commitOf(line))
      else if (line !== '') commits.at(-1)?.files.push(line)
    }
    return commits
  }
}

function commitOf(line: string): GitCommit {
  const [hash = '', ...rest] = line.split('|')
  const author = rest.pop() ?? ''
  return { hash, subject: rest.join('|'), author, files: [] }
}

/** Commits in counts, see `GitHistory`. */
export function summarizeHistory(commits: readonly GitCommit[]): GitHistory {
  const files = commits.flatMap((commit) => commit.files)
  const technologies = Object.fromEntries(
    HISTORY_TECHNOLOGIES.map((name) => [name, files.filter(SIGNS[name]).length]),
  ) as Record<Technology, number>
  const tested = commits.filter((commit) => commit.files.some(contains('test'))).length
  const testFirst = tested > TEST_FIRST * commits.length
  return {
    commits: commits.length,
    technologies,
    testFirst,
    testRatio: testFirst ? tested / commits.length : undefined,
    confidence: confidenceOf(technologies),
  }
}

function confidenceOf(technologies: Record<Technology, number>): number {
  const sum = HISTORY_TECHNOLOGIES.reduce((total, name) => total + technologies[name], 0)
  if (sum < 10) return 0.3
  return sum < 50 ? 0.7 : 0.95
}
