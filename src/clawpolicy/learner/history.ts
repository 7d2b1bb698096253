import type { Corrections } from '../corrections.ts'
import { trimmed } from '../markdown/scan.ts'

/** The arguments of `git` whose output `readHistory` reads: the last `commits` commits with the names of their files. */
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

const ENDING =
  (...endings: string[]) =>
  (path: string) =>
    endings.some((ending) => path.endsWith(ending))
const HOLDING = (word: string) => (path: string) => path.toLowerCase().includes(word)

/** What a file's path says of the technology in use, in the order in which ties are listed. */
const SIGNS = {
  python: ENDING('.py'),
  javascript: ENDING('.js'),
  typescript: ENDING('.ts', '.tsx'),
  react: (path: string) => HOLDING('react')(path) || ENDING('.jsx')(path),
  vue: HOLDING('vue'),
  fastapi: HOLDING('fastapi'),
  node: HOLDING('package.json'),
} satisfies Record<string, (path: string) => boolean>

export type Technology = keyof typeof SIGNS
export const HISTORY_TECHNOLOGIES = Object.keys(SIGNS) as Technology[]

/** What a repository's history says, in counts. */
export interface GitHistory {
  commits: number
  /** How many changed files spoke for each technology. */
  technologies: Record<Technology, number>
  testFirst: boolean
  /** The share of commits that touched tests; undefined unless it is above 0.3. */
  testRatio: number | undefined
  /** How much there was to go by. */
  confidence: number
}

const TEST_FIRST = 0.3

/** The commits in the output of `git log`: a line with `|` opens one, what follows are its files. */
export function parseGitLog(
  text: string,
  corrections: Pick<Corrections, 'commits-have-hashes'>,
): GitCommit[] {
  const commits: GitCommit[] = []
  for (const raw of text.split('\n')) {
    const line = trimmed(raw)
    if (opens(line, corrections)) commits.push(commitOf(line))
    else if (line !== '') commits.at(-1)?.files.push(line)
  }
  return commits
}

function opens(line: string, corrections: Pick<Corrections, 'commits-have-hashes'>): boolean {
  return corrections['commits-have-hashes'] ? /^[0-9a-f]{7,64}\|/.test(line) : line.includes('|')
}

function commitOf(line: string): GitCommit {
  const [hash = '', ...rest] = line.split('|')
  const author = rest.pop() ?? ''
  return { hash, subject: rest.join('|'), author, files: [] }
}

/** What commits say of the work: see `GitHistory`. */
export function summarizeHistory(commits: readonly GitCommit[]): GitHistory {
  const files = commits.flatMap((commit) => commit.files)
  const technologies = Object.fromEntries(
    HISTORY_TECHNOLOGIES.map((name) => [name, files.filter(SIGNS[name]).length]),
  ) as Record<Technology, number>
  const tested = commits.filter((commit) => commit.files.some(HOLDING('test'))).length
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
  return sum < 10 ? 0.3 : sum < 50 ? 0.7 : 0.95
}
