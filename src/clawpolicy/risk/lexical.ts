import { filesOf, textOf } from '../task.ts'
import { normalizeText, wholeWord } from '../text.ts'
import type { RiskLevel, Task } from '../types.ts'
import { higher, type TaskRisk } from './level.ts'

const list = (text: string) => text.split(' ')
const whole = (text: string) => list(text).map((word) => ({ word, test: wholeWord(word) }))

/** High-risk words: how each is named in the basis, and whether a text contains it. */
const HIGH: { word: string; in: (text: string) => boolean }[] = [
  ...whole(
    'rm remove delete unlink rmdir format fdisk mkfs chmod chown iptables docker podman kubectl',
  ).map(({ word, test }) =>
    word === 'format'
      ? {
          word: 'format disk',
          in: (text: string) =>
            ['mkfs', 'fdisk', 'format disk', 'format /dev'].some((sign) => text.includes(sign)),
        }
      : { word, in: (text: string) => test.test(text) },
  ),
  ...['git push --force', 'git reset --hard'].map((word) => ({
    word,
    in: (text: string) => text.includes(word),
  })),
]
const MEDIUM = whole('database migrate schema api fetch request install uninstall update')
const LOW = whole(
  'test tests format lint check log status info list validate verify docs read view show ' +
    'display inspect describe explain analyze measure benchmark profile build compile bundle',
)

/** Substrings of paths; each row adds one line. */
const PATHS: [label: string, level: RiskLevel, signs: string[]][] = [
  ['HIGH', 'high', list('home etc system root')],
  ['HIGH', 'high', list('.env config.py config.json secrets')],
  ['MEDIUM', 'medium', list('package.json requirements.txt pom.xml build.gradle')],
  ['CRITICAL', 'critical', list('delete remove unlink')],
]

/** Risk by the words of a description, a command and paths, as in the original. */
export function lexicalRisk(task: Task): TaskRisk {
  const command = normalizeText(textOf(task, 'command'))
  const text = normalizeText(`${textOf(task, 'task_description')} ${command}`)
  const context = contextOf(command)
  const basis = context === undefined ? [] : [context]
  let level: RiskLevel = 'medium'
  for (const { word, in: holds } of HIGH) {
    if (!holds(text)) continue
    basis.push(`HIGH risk keyword: ${word}`)
    level = 'critical'
  }
  for (const { word, test } of MEDIUM)
    if (test.test(text)) basis.push(`MEDIUM risk keyword: ${word}`)
  for (const { word, test } of LOW) {
    if (!test.test(text)) continue
    basis.push(`LOW risk keyword: ${word}`)
    if (level === 'medium') level = 'low'
  }
  for (const { line, raised } of filesOf(task).flatMap(pathSigns)) {
    basis.push(line)
    level = higher(level, raised)
  }
  return { level, basis: basis.length === 0 ? ['No strong heuristic match'] : basis }
}

function pathSigns(path: string): { line: string; raised: RiskLevel }[] {
  const normal = normalizeText(path)
  return PATHS.filter(([, , signs]) => signs.some((sign) => normal.includes(sign))).map(
    ([label, raised]) => ({ line: `${label} risk file path: ${path}`, raised }),
  )
}

/** At most one line about what kind of command it is. It never changes the level. */
function contextOf(command: string): string | undefined {
  const holds = (...signs: string[]) => signs.some((sign) => command.includes(sign))
  if (holds('git')) {
    if (holds('git status', 'git log', 'git diff', 'git show'))
      return 'LOW risk command context: git read-only'
    if (holds('git push') && !holds('--force')) return 'MEDIUM risk command context: git push'
    if (holds('git commit', 'git add')) return 'LOW risk command context: git local write'
  }
  if (holds('npm run', 'pnpm run', 'yarn') && holds('test', 'lint', 'format', 'check', 'build'))
    return 'LOW risk command context: package manager verification command'
  if (holds('python', 'pytest') && holds('-m pytest', 'pytest', 'mypy', 'black', 'ruff'))
    return 'LOW risk command context: Python verification command'
  return undefined
}
